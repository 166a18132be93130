import { Redis } from 'ioredis';

/** This much is sent at once: the server works on it while this process prepares what follows. */
const SLICE_BYTES = 4_096;

/**
 * A connection that writes once in a turn of the event loop, or for each slice of a turn that has much to send: commands
 * of many requests leave in one system call, which costs more than a command. Each has its own reply and deadline as
 * before; nothing waits for a reply of another.
 */
export class TurnRedis extends Redis {
  /** The stream that holds back what this turn has written: a new connection has another one. */
  private held: Redis['stream'] | undefined;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    this.holdForThisTurn();
    const sent = super.sendCommand(...args);
    this.sendFullSlice();
    return sent;
  }

  private holdForThisTurn(): void {
    // Declared by the class, but not there before the first connection.
    const stream: Redis['stream'] | undefined = this.stream;
    if (this.held || !stream) return;
    this.held = stream;
    stream.cork();
    setImmediate(() => {
      this.held = undefined;
      stream.uncork();
    });
  }

  private sendFullSlice(): void {
    if (!this.held || this.held.writableLength < SLICE_BYTES) return;
    this.held.uncork();
    this.held.cork();
  }
}
