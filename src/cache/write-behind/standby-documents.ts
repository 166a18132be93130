import { type BulkheadPolicy, BulkheadRejectedError } from 'cockatiel';
import { unavailable } from '../../platform/errors.js';
import type { DocumentKind, PutResult, VersionedDocument } from './document-kind.js';
import { firstVersionOf } from './session-epochs.js';
import type { SessionEpochsRepository } from './session-epochs.repository.js';

/** Documents of one kind in PostgreSQL alone, while the session layer is out: also by version, a limited number at once. */
export class StandbyDocuments<T> {
  constructor(
    private readonly epochs: SessionEpochsRepository,
    private readonly kind: DocumentKind<T>,
    private readonly places: BulkheadPolicy,
  ) {}

  /** The document as far as it was folded. */
  get(id: string): Promise<VersionedDocument<T> | undefined> {
    return this.limited(() => this.kind.load(id));
  }

  async put(id: string, expectedVersion: number, document: T): Promise<PutResult<T>> {
    const version = await this.limited(() => this.write(id, expectedVersion, document));
    return version === undefined ? { outcome: 'conflict', current: await this.get(id) } : { outcome: 'ok', version };
  }

  private write(id: string, expectedVersion: number, document: T): Promise<number | undefined> {
    return this.epochs.pastRedis(this.kind.shardOf(id), async (tx, epoch) => {
      const version = Math.max(expectedVersion, firstVersionOf(epoch)) + 1;
      return (await this.kind.replace(tx, { id, version, document }, expectedVersion)) ? version : undefined;
    });
  }

  private async limited<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await this.places.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw unavailable('The session store');
      throw error;
    }
  }
}
