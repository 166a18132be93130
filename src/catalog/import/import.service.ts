import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import { type ImportLock, ImportLockRepository } from './import-lock.repository.js';
import { type ImportReport, ReportBuilder } from './import-report.js';
import { readCsv } from './reading/csv-reader.js';
import { readProductBatches } from './reading/product-batches.js';
import type { BatchResult } from './storing/batch-result.js';
import { ImportBatchWriter } from './storing/import-batch.writer.js';

/** How far an import has come. `totalBytes` is undefined when the size of the file is not known. */
export interface ImportProgress {
  readonly readBytes: number;
  readonly totalBytes: number | undefined;
  readonly report: () => ImportReport;
}

/** How an import ended. What was stored before it stopped stays stored. */
export type ImportOutcome =
  | { readonly kind: 'done'; readonly report: ImportReport }
  /** Nothing of the file could be imported; the report's problems say why. */
  | { readonly kind: 'unusable'; readonly report: ImportReport }
  | { readonly kind: 'stopped'; readonly report: ImportReport; readonly reason: string };

/** Called each time more of the file has been stored. */
export type OnImportProgress = (progress: ImportProgress) => void;

/** An import that has the right to run. It must be run or given up. */
export interface ClaimedImport {
  run(
    source: AsyncIterable<Buffer | string>,
    totalBytes?: number,
    onProgress?: OnImportProgress,
  ): Promise<ImportOutcome>;
  giveUp(): Promise<void>;
}

/** Imports product files: streamed, in constant memory, in batches that are durable one by one. */
@Injectable()
export class ImportService {
  private stopping = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ImportLockRepository) private readonly locks: ImportLockRepository,
    @Inject(ImportBatchWriter) private readonly writer: ImportBatchWriter,
  ) {}

  /**
   * Imports a product CSV of either header dialect. Rows that cannot be used are in the report by line.
   * @throws AppError `import_running` when another import runs anywhere in the shop
   */
  async run(
    source: AsyncIterable<Buffer | string>,
    totalBytes?: number,
    onProgress?: OnImportProgress,
  ): Promise<ImportOutcome> {
    const claimed = await this.claim();
    return claimed.run(source, totalBytes, onProgress);
  }

  /** Takes the one right to import. @throws AppError `import_running` */
  async claim(): Promise<ClaimedImport> {
    const lock = await this.locks.tryLock();
    if (!lock) {
      const detail =
        'Another import is running in this shop, and there is one at a time. Wait until it has ended, then import the file again.';
      throw new AppError('import_running', { detail });
    }
    return {
      run: async (source, totalBytes, onProgress = () => {}) => {
        try {
          return await this.runLocked(lock, source, totalBytes, onProgress);
        } finally {
          await lock.release();
        }
      },
      giveUp: () => lock.release(),
    };
  }

  /** Lets the import end after its current batch. */
  stop(): void {
    this.stopping = true;
  }

  private async runLocked(
    lock: ImportLock,
    source: AsyncIterable<Buffer | string>,
    totalBytes: number | undefined,
    onProgress: OnImportProgress,
  ): Promise<ImportOutcome> {
    const report = new ReportBuilder();
    const input = new CountedSource(source);
    const progress = () => onProgress({ readBytes: input.readBytes, totalBytes, report: () => report.build() });
    try {
      await this.writer.begin();
      for await (const batch of readProductBatches(readCsv(input), this.config.DEFAULT_CURRENCY, report)) {
        for await (const result of this.writer.store(batch)) addResult(report, result);
        progress();
        if (this.stopping) return { kind: 'stopped', report: report.build(), reason: 'the server was stopped' };
        if (!lock.isHeld()) throw new Error('the connection that held the import lock is gone');
      }
      progress();
      return { kind: report.gaveNothing ? 'unusable' : 'done', report: report.build() };
    } catch (error) {
      this.logger.error({ err: error }, 'an import stopped before the end of its file');
      return { kind: 'stopped', report: report.build(), reason: reasonOf(error) };
    }
  }
}

/** Counts the bytes that were taken from a source. */
class CountedSource implements AsyncIterable<Buffer> {
  readBytes = 0;

  constructor(private readonly source: AsyncIterable<Buffer | string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const chunk of this.source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      this.readBytes += bytes.length;
      yield bytes;
    }
  }
}

function addResult(report: ReportBuilder, result: BatchResult): void {
  report.products.created += result.products.created;
  report.products.updated += result.products.updated;
  report.products.unchanged += result.products.unchanged;
  report.variants += result.variants;
  report.images += result.images;
  report.skipped += result.skippedRows;
  for (const problem of result.problems) report.add(problem);
  if (result.unpriced) report.addUnpriced(result.unpriced);
  if (result.uncounted.first) report.addUncounted(result.uncounted.first, result.uncounted.count);
}

/** What to tell of an unexpected failure: its first line, which carries no data of the shop. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '').slice(0, 300) : 'unknown failure';
}
