// Repeatable choices for generated data: xorshift32 (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003),
// seeded for each product, so that a product does not depend on how many stand before it.

export class Random {
  private state: number;

  constructor(seed: number, stream: number) {
    let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    mixed = Math.imul(mixed, 0x27d4eb2f);
    this.state = (mixed ^ (mixed >>> 15)) | 0 || 1;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % bound;
  }

  /** A whole number, both ends included. */
  from(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True in one of `many` cases. */
  oneIn(many: number): boolean {
    return this.below(many) === 0;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
