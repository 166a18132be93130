import { Redis } from 'ioredis';

/** So much leaves at once: the server works on it while this process prepares what follows. */
const SLICE_BYTES = 4_096;

/**
 * A connection that writes once in a turn of the event loop, or for each slice of a turn that has much to send: commands
 * of many requests leave in one system call, which costs more than a command. Each has its own reply and deadline as
 * before; nothing waits for a reply of another.
 */
export class TurnRedis extends Redis {
  private holding = false;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    this.holdForThisTurn();
    const sent = super.sendCommand(...args);
    this.sendFullSlice();
    return sent;
  }

  private holdForThisTurn(): void {
    const stream = this.openStream();
    if (this.holding || !stream) return;
    this.holding = true;
    stream.cork();
    setImmediate(() => {
      this.holding = false;
      stream.uncork();
    });
  }

  private sendFullSlice(): void {
    const stream = this.openStream();
    if (!this.holding || !stream || stream.writableLength < SLICE_BYTES) return;
    stream.uncork();
    stream.cork();
  }

  private openStream(): Redis['stream'] | undefined {
    // Declared by the class, but not there before the first connection.
    return this.stream;
  }
}
