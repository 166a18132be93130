/** An item of a queue. It carries the links itself: a node for each of many entries would take memory. */
export interface Queued {
  readonly bytes: number;
  queue?: unknown;
  before?: Queued | undefined;
  after?: Queued | undefined;
}

/** First in, first out; any item can be removed; all in constant time. Counts bytes. */
export class FifoQueue<V extends Queued> {
  size = 0;
  bytes = 0;
  private oldest: V | undefined;
  private newest: V | undefined;

  push(value: V): void {
    value.queue = this;
    value.before = this.newest;
    value.after = undefined;
    if (this.newest) this.newest.after = value;
    else this.oldest = value;
    this.newest = value;
    this.size++;
    this.bytes += value.bytes;
  }

  shift(): V | undefined {
    const value = this.oldest;
    if (value) this.remove(value);
    return value;
  }

  /** Only values of the same kind are pushed, so its neighbours are of that kind. */
  remove(value: V): void {
    if (value.before) value.before.after = value.after;
    else this.oldest = value.after as V | undefined;
    if (value.after) value.after.before = value.before;
    else this.newest = value.before as V | undefined;
    value.queue = value.before = value.after = undefined;
    this.size--;
    this.bytes -= value.bytes;
  }
}
