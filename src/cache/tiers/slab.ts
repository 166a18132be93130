/** Bytes written one behind the other into one buffer that grows: many small buffers cost more than what they hold. */
export class Slab {
  length = 0;
  private buffer: Buffer;

  constructor(expectedBytes: number) {
    this.buffer = Buffer.allocUnsafe(expectedBytes);
  }

  /** Makes room at the end. @returns the buffer to write into, from where its length was before; until the next call. */
  reserve(bytes: number): Buffer {
    this.length += bytes;
    if (this.length > this.buffer.length) this.grow();
    return this.buffer;
  }

  text(text: string): void {
    const at = this.length;
    const bytes = Buffer.byteLength(text);
    this.reserve(bytes).write(text, at, bytes, 'utf8');
  }

  append(bytes: Uint8Array): void {
    const at = this.length;
    this.reserve(bytes.length).set(bytes, at);
  }

  /** What was written, as a view. */
  get written(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(Math.max(this.length, 2 * this.buffer.length));
    larger.set(this.buffer);
    this.buffer = larger;
  }
}
