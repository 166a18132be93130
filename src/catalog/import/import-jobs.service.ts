import type { Readable } from 'node:stream';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { LOGGER, orWarn } from '../../platform/logging.js';
import type { ImportJob } from './import.dto.js';
import { type ClaimedImport, type ImportOutcome, ImportService } from './import.service.js';
import { ImportJobsRepository } from './import-jobs.repository.js';
import { importReport, ReportBuilder } from './import-report.js';
import { type SpooledUpload, spoolUpload } from './upload-spool.js';

const BEAT_MS = 2_000;
const AGAIN = 'What was imported stays; import the file again: it updates and doubles nothing.';
const PROCESS_DIED = `The process that ran the import has ended. ${AGAIN}`;

/** Imports in the background: the upload is kept, the request is answered, progress is in PostgreSQL. */
@Injectable()
export class ImportJobsService implements BeforeApplicationShutdown {
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ImportService) private readonly imports: ImportService,
    @Inject(ImportJobsRepository) private readonly jobs: ImportJobsRepository,
  ) {}

  /**
   * Takes an upload in and starts its import.
   * @throws AppError `import_running`, `payload_too_large`, `malformed_body`
   */
  async start(upload: Readable, sourceName: string | null): Promise<ImportJob> {
    const spooled = await spoolUpload(upload, this.config.IMPORT_LIMIT_BYTES);
    let claimed: ClaimedImport | undefined;
    try {
      claimed = await this.imports.claim();
      await this.jobs.failOrphans(PROCESS_DIED);
      const id = newId();
      const report = new ReportBuilder().build();
      await this.jobs.insert({ id, sourceName, totalBytes: spooled.bytes, report });
      const job = await this.get(id);
      this.running = this.work(id, claimed, spooled);
      return job;
    } catch (error) {
      await claimed?.giveUp();
      await spooled.remove();
      throw error;
    }
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<ImportJob> {
    const found = await this.jobs.find(id);
    if (!found) throw notFound('The import');
    const { job, silent } = found;
    const died = job.state === 'running' && silent;
    return {
      id: job.id,
      state: died ? 'failed' : job.state,
      sourceName: job.sourceName,
      readBytes: job.readBytes,
      totalBytes: job.totalBytes,
      report: importReport.parse(job.report),
      error: died ? PROCESS_DIED : job.error,
      createdAt: job.createdAt.toISOString(),
      finishedAt: job.finishedAt?.toISOString() ?? null,
    };
  }

  /** Ends the running import after its current batch, while PostgreSQL is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    this.imports.stop();
    await this.running;
  }

  private async work(id: string, claimed: ClaimedImport, spooled: SpooledUpload): Promise<void> {
    let readBytes = 0;
    let report = () => new ReportBuilder().build();
    const beat = setInterval(() => {
      const beaten = this.jobs.beat(id, readBytes, report());
      void orWarn(this.logger, beaten, 'the progress of an import could not be written', { importId: id });
    }, BEAT_MS);
    try {
      const outcome = await claimed.run(spooled.read(), spooled.bytes, (progress) => {
        readBytes = progress.readBytes;
        report = progress.report;
      });
      const error = errorOf(outcome);
      await this.jobs.finish(id, error === null ? 'done' : 'failed', outcome.report, error);
    } catch (error) {
      this.logger.error({ err: error, importId: id }, 'the end of an import could not be written');
    } finally {
      clearInterval(beat);
      await spooled.remove();
    }
  }
}

/** The error text of the job; null when there was none. */
function errorOf(outcome: ImportOutcome): string | null {
  if (outcome.kind === 'done') return null;
  if (outcome.kind === 'stopped') return `It stopped: ${outcome.reason}. ${AGAIN}`;
  return 'Nothing of the file could be imported; `problems` says why. Nothing was changed.';
}
