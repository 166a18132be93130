/** A link of a queue. */
export interface QueueNode<V extends { readonly bytes: number }> {
  readonly value: V;
  queue: FifoQueue<V> | undefined;
  before: QueueNode<V> | undefined;
  after: QueueNode<V> | undefined;
}

/** First in, first out, and anything in between can leave; all in constant time. Counts bytes. */
export class FifoQueue<V extends { readonly bytes: number }> {
  size = 0;
  bytes = 0;
  private oldest: QueueNode<V> | undefined;
  private newest: QueueNode<V> | undefined;

  push(node: QueueNode<V>): void {
    node.queue = this;
    node.before = this.newest;
    node.after = undefined;
    if (this.newest) this.newest.after = node;
    else this.oldest = node;
    this.newest = node;
    this.size++;
    this.bytes += node.value.bytes;
  }

  shift(): QueueNode<V> | undefined {
    const node = this.oldest;
    if (node) this.remove(node);
    return node;
  }

  remove(node: QueueNode<V>): void {
    if (node.before) node.before.after = node.after;
    else this.oldest = node.after;
    if (node.after) node.after.before = node.before;
    else this.newest = node.before;
    node.queue = node.before = node.after = undefined;
    this.size--;
    this.bytes -= node.value.bytes;
  }
}
