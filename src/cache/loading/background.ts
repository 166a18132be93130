/** Work that nobody waits for, counted, so that it can be waited for at the end. */
export class Background {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  begin(): void {
    this.underWay++;
  }

  end(): void {
    if (--this.underWay === 0) for (const resolve of this.waiting.splice(0)) resolve();
  }

  track(work: Promise<unknown>): void {
    this.begin();
    const end = () => this.end();
    work.then(end, end);
  }

  async settled(): Promise<void> {
    while (this.underWay > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
