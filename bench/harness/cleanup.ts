/** What has to be stopped in the end, in the opposite order of its start. */
export class Cleanup {
  readonly #steps: (() => Promise<void>)[] = [];
  #isDone = false;

  /** After `run` the step is taken at once: its target was still starting then. */
  defer(step: () => Promise<void>): void {
    if (this.#isDone) void step().catch(() => undefined);
    else this.#steps.push(step);
  }

  /** Takes every step, even when some fail; says which did. */
  async run(onError: (error: unknown) => void): Promise<void> {
    this.#isDone = true;
    for (const step of this.#steps.splice(0).reverse()) await step().catch(onError);
  }
}
