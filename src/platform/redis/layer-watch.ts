import type { Logger } from 'pino';
import { isRedisDown } from './redis-down.js';

/** A layer goes out after this many failures in a row: one slow reply is no outage. */
const FAILURES_UNTIL_OUT = 3;
const PROBE_PAUSE_MS = 500;
/** It comes back after this many successful probes in a row, so that a server that starts and stops is left alone. */
const PROBES_UNTIL_BACK = 2;

/** @param outForMs how long the layer has been out, at least */
type ReturnStep = (outForMs: number) => Promise<void>;

/**
 * Whether a layer is used. While it is out nobody waits for it; it comes back when it answers and everything that was
 * written elsewhere meanwhile has been brought to it.
 */
export class LayerWatch {
  private failures = 0;
  private failingSinceMs = 0;
  private probesPassed = 0;
  private outSinceMs: number | undefined;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly steps: ReturnStep[] = [];

  /** @param ping asks the layer for an answer. @throws when there is none */
  constructor(
    private readonly layer: string,
    private readonly ping: () => Promise<unknown>,
    private readonly logger: Logger,
  ) {}

  get isOut(): boolean {
    return this.outSinceMs !== undefined;
  }

  /**
   * Runs `work`, which uses the layer; `instead` while the layer is out, or when this very call cannot reach it. Then `work`
   * may have been done all the same, or be done later: even so `instead` must end in the same state.
   */
  orElse<R>(work: () => Promise<R>, instead: (failure?: unknown) => Promise<R>): Promise<R> {
    return this.attempt(work, instead, instead);
  }

  /**
   * Like `orElse`, for work that must not be done in two places: when a call fails, `instead` runs only once the layer is
   * known to be out, with that failure; else the failure is thrown.
   */
  onceOut<R>(work: () => Promise<R>, instead: (failure?: unknown) => Promise<R>): Promise<R> {
    return this.attempt(work, instead, async (failure) => {
      while (!this.isOut && !(await this.answers()));
      if (!this.isOut) throw failure;
      return instead(failure);
    });
  }

  /** Adds what must be done before the layer is used again. It may be done several times; when it throws, again later. */
  beforeReturn(step: ReturnStep): void {
    this.steps.push(step);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async attempt<R>(
    work: () => Promise<R>,
    whileOut: () => Promise<R>,
    onFailure: (failure: unknown) => Promise<R>,
  ): Promise<R> {
    if (this.isOut) return whileOut();
    try {
      const result = await work();
      this.failures = 0;
      return result;
    } catch (error) {
      if (!isRedisDown(error)) throw error;
      this.failed(error);
      return onFailure(error);
    }
  }

  private async answers(): Promise<boolean> {
    try {
      await this.ping();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  private get outForMs(): number {
    return performance.now() - (this.outSinceMs ?? 0);
  }

  private failed(error: unknown): void {
    this.failures += 1;
    if (this.failures === 1) this.failingSinceMs = performance.now();
    if (this.isOut || this.failures < FAILURES_UNTIL_OUT) return;
    this.outSinceMs = this.failingSinceMs;
    this.probesPassed = 0;
    this.logger.warn({ layer: this.layer, err: error }, 'a redis layer is out: the shop goes on without it');
    this.schedule();
  }

  private schedule(): void {
    if (!this.closed) this.timer = setTimeout(() => void this.probe(), PROBE_PAUSE_MS);
  }

  private async probe(): Promise<void> {
    try {
      await this.ping();
      for (const step of this.steps) await step(this.outForMs);
      this.probesPassed += 1;
    } catch (error) {
      this.probesPassed = 0;
      this.logger.debug({ layer: this.layer, err: error }, 'a redis layer is still out');
    }
    if (this.probesPassed < PROBES_UNTIL_BACK) this.schedule();
    else this.back();
  }

  private back(): void {
    this.outSinceMs = undefined;
    this.failures = 0;
    this.logger.info({ layer: this.layer }, 'a redis layer is in use again');
  }
}
