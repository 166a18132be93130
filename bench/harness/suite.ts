import type { Guard } from '../../local/servers/guard.ts';
import type { Cleanup } from './cleanup.ts';
import type { Options } from './options.ts';
import type { Processors } from './processors.ts';
import type { Result } from './result.ts';

/** What a suite is given. */
export interface SuiteContext {
  readonly options: Options;
  readonly processors: Processors;
  /** Ends child processes when this one is killed. */
  readonly guard: Guard;
  readonly cleanup: Cleanup;
  /** Tells the person at the terminal how far it is. */
  say(text: string): void;
}

/** One group of figures. */
export type Suite = (context: SuiteContext) => Promise<Result[]>;
