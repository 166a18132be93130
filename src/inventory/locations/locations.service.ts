import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import { Repeating } from '../../platform/repeating.js';
import { type Location, LocationsRepository } from './locations.repository.js';

/** A location changed in another process is seen after so long; the writer sees it at once. */
const POLL_MS = 1_000;

/**
 * The locations that stock is taken from, kept in this process because every hold and every order asks for them. The copy
 * only ranks: whether a location has stock is decided where the stock is.
 */
@Injectable()
export class Locations implements OnModuleInit, BeforeApplicationShutdown {
  private copy: readonly Location[] = [];
  private asked = 0;
  private answered = 0;
  private readonly following: Repeating;

  constructor(
    @Inject(LocationsRepository) private readonly repository: LocationsRepository,
    @Inject(LOGGER) logger: Logger,
  ) {
    const failure = 'the locations of stock could not be read again';
    this.following = new Repeating(POLL_MS, () => this.refresh(), failure, logger);
  }

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.following.start();
  }

  /** Active locations; the one that stock is taken from first comes first. */
  ranked(): readonly Location[] {
    return this.copy;
  }

  /** Reads them now: somebody changed one in this process. */
  async refresh(): Promise<void> {
    const turn = ++this.asked;
    const ranked = await this.repository.ranked();
    // A later read has answered already: this answer is old.
    if (turn < this.answered) return;
    this.answered = turn;
    this.copy = ranked;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.following.stop();
  }
}
