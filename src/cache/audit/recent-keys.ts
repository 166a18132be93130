/** The keys added last, in bounded memory. */
export class RecentKeys {
  private readonly ring: string[] = [];
  private next = 0;

  constructor(private readonly capacity: number) {}

  add(key: string): void {
    this.ring[this.next] = key;
    this.next = (this.next + 1) % this.capacity;
  }

  /** @returns the last keys, newest first, each once. */
  last(limit: number): string[] {
    const keys = new Set<string>();
    for (let back = 1; back <= this.ring.length && keys.size < limit; back++) {
      const key = this.ring[(this.next - back + this.capacity) % this.capacity];
      if (key !== undefined) keys.add(key);
    }
    return [...keys];
  }
}
