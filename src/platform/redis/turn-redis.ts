import { Redis } from 'ioredis';

/**
 * A connection that writes once in a turn of the event loop: commands of many requests leave in one system call, which
 * costs more than a command. Each has its own reply and deadline as before; nothing waits for a reply of another.
 */
export class TurnRedis extends Redis {
  private holding = false;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    this.holdForThisTurn();
    return super.sendCommand(...args);
  }

  private holdForThisTurn(): void {
    // Declared by the class, but not there before the first connection.
    const stream = this.stream as Redis['stream'] | undefined;
    if (this.holding || !stream) return;
    this.holding = true;
    stream.cork();
    setImmediate(() => {
      this.holding = false;
      stream.uncork();
    });
  }
}
