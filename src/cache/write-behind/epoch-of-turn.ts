/**
 * The epoch in force, asked for once by all reads of a shard's documents in one turn of the event loop: their questions
 * follow it on the connection, so what they find was there when it was in force.
 */
export class EpochOfTurn {
  private readonly asked = new Map<string, Promise<number>>();

  /** @param ask reads the value of an epoch key */
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
      // Reads that come after the answer ask anew.
      this.asked.delete(epochKey);
    }
  }
}
