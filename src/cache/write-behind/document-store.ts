import { unavailable } from '../../platform/errors.js';
import type { LayerWatch } from '../../platform/redis/layer-watch.js';
import type { PutOptions, PutResult, VersionedDocument } from './document-kind.js';
import type { RedisDocuments } from './redis-documents.js';
import type { StandbyDocuments } from './standby-documents.js';

/**
 * Documents of one kind: read and written in redis by version and folded into PostgreSQL later; while the session layer is
 * out, read and written in PostgreSQL. Versions grow, by more than one when the store has changed.
 */
export class DocumentStore<T> {
  constructor(
    private readonly layer: LayerWatch,
    private readonly redis: RedisDocuments<T>,
    private readonly standby: StandbyDocuments<T>,
  ) {}

  /** The document with its version; undefined when there is none. */
  get(id: string): Promise<VersionedDocument<T> | undefined> {
    return this.layer.orElse(
      () => this.redis.get(id),
      () => this.standby.get(id),
    );
  }

  /**
   * The document of an id that was given out, so that it exists or has existed: while the session layer is out, one that was
   * not folded yet does not count as missing.
   * @returns undefined when there is none any more
   * @throws AppError `unavailable` when only redis can know
   */
  getMade(id: string): Promise<VersionedDocument<T> | undefined> {
    return this.layer.orElse(
      () => this.redis.get(id),
      async (failure) => {
        const folded = await this.standby.get(id);
        if (!folded) throw unavailable('The session store', 1, failure);
        return folded;
      },
    );
  }

  /** Writes a document under an id made just now. */
  create(id: string, document: T, options?: PutOptions): Promise<PutResult<T>> {
    return this.write(id, 0, document, true, options);
  }

  /**
   * Writes the next version if `expectedVersion` still stands; 0 means that there was none.
   * @throws AppError `unavailable` when it is not known whether it was written, or too many documents wait for PostgreSQL
   */
  put(id: string, expectedVersion: number, document: T, options?: PutOptions): Promise<PutResult<T>> {
    return this.write(id, expectedVersion, document, false, options);
  }

  private write(
    id: string,
    expectedVersion: number,
    document: T,
    isNew: boolean,
    options: PutOptions = {},
  ): Promise<PutResult<T>> {
    return this.layer.onceOut(
      () => this.redis.put(id, expectedVersion, document, isNew, options),
      async (failure) => {
        const put = await this.standby.put(id, expectedVersion, document);
        // The conflicting document may be this very write, folded since: nobody may repeat the change on top of it.
        if (put.outcome === 'conflict' && failure) throw unavailable('The session store', 1, failure);
        return put;
      },
    );
  }
}
