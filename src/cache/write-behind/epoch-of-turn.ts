/**
 * The epoch in force, asked for once by all who read documents of a shard in the same turn of the event loop: their
 * questions go out behind it, so what they find was there when it was in force.
 */
export class EpochOfTurn {
  private readonly asked = new Map<string, Promise<number>>();

  /** @param ask sends the question: what a key of an epoch holds */
  constructor(private readonly ask: (epochKey: string) => Promise<string | null>) {}

  /** @returns 0 for none */
  read(epochKey: string): Promise<number> {
    const asked = this.asked.get(epochKey);
    if (asked) return asked;
    if (this.asked.size === 0) setImmediate(() => this.asked.clear());
    const epoch = this.askNow(epochKey);
    this.asked.set(epochKey, epoch);
    return epoch;
  }

  private async askNow(epochKey: string): Promise<number> {
    try {
      return Number((await this.ask(epochKey)) ?? 0);
    } finally {
      // Who comes after the answer asks anew.
      this.asked.delete(epochKey);
    }
  }
}
