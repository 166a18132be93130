// Folds queued documents into PostgreSQL: of each document the newest version, all of a kind in one batch; when the
// batch fails, each alone, so that one bad document does not hold up the others.
import type { Logger } from 'pino';
import { isDatabaseDown } from '../../platform/database/database.js';
import type { DeadLettersRepository } from './dead-letters.repository.js';
import type { DocumentKind, FoldedDocument, WriteBehindLimits } from './document-kind.js';
import type { QueuedDocument } from './write-stream.js';

/** The newest version of a document in the batch, with all entries that it settles. */
interface Candidate {
  readonly newest: QueuedDocument;
  readonly entryIds: readonly string[];
}

export interface FoldOutcome {
  readonly doneIds: readonly string[];
  readonly documents: readonly { readonly key: string; readonly version: number; readonly ttlMs: number }[];
  /** Entries that are to be tried again. */
  readonly left: number;
}

export class Folder {
  /** Failures of documents that are still waiting; cleared when they succeed or are given up. */
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly kinds: ReadonlyMap<string, DocumentKind<unknown>>,
    private readonly letters: DeadLettersRepository,
    private readonly logger: Logger,
    private readonly limits: WriteBehindLimits,
  ) {}

  /** @throws when PostgreSQL is down: nothing was settled, and nobody is to blame. */
  async fold(queued: readonly QueuedDocument[]): Promise<FoldOutcome> {
    const outcome = { doneIds: [] as string[], documents: [] as FoldOutcome['documents'][number][], left: 0 };
    for (const [kindName, candidates] of newestByKind(queued)) {
      const settled = await this.foldKind(kindName, candidates);
      for (const { newest, entryIds } of candidates) {
        if (!settled.has(newest.entryId)) {
          outcome.left += entryIds.length;
          continue;
        }
        this.failures.delete(newest.entryId);
        outcome.doneIds.push(...entryIds);
        const kind = this.kinds.get(kindName);
        if (kind) outcome.documents.push({ key: kind.keyOf(newest.id), version: newest.version, ttlMs: kind.ttlMs });
      }
    }
    return outcome;
  }

  /** Gives documents up that were handed out again and again: whoever had them died of them. */
  async giveUp(queued: readonly QueuedDocument[], error: string): Promise<void> {
    for (const document of queued) await this.bury(document, new Error(error));
  }

  /** @returns the newest entries of the documents that are settled: folded, or given up. */
  private async foldKind(kindName: string, candidates: readonly Candidate[]): Promise<Set<string>> {
    const settled = new Set<string>();
    const kind = this.kinds.get(kindName);
    const readable: { queued: QueuedDocument; folded: FoldedDocument<unknown> }[] = [];
    for (const { newest } of candidates) {
      try {
        if (!kind) throw new Error(`there is no kind of document named ${kindName}`);
        const document = kind.codec.parse(JSON.parse(newest.text));
        readable.push({ queued: newest, folded: { id: newest.id, version: newest.version, document } });
      } catch (error) {
        if (await this.fail(newest, error)) settled.add(newest.entryId);
      }
    }
    if (!kind || readable.length === 0) return settled;
    try {
      await kind.fold(readable.map(({ folded }) => folded));
      for (const { queued } of readable) settled.add(queued.entryId);
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      this.logger.warn({ err: error, kind: kindName, documents: readable.length }, 'a batch could not be folded');
      for (const { queued, folded } of readable) {
        if (await this.foldAlone(kind, queued, folded)) settled.add(queued.entryId);
      }
    }
    return settled;
  }

  private async foldAlone(
    kind: DocumentKind<unknown>,
    queued: QueuedDocument,
    folded: FoldedDocument<unknown>,
  ): Promise<boolean> {
    try {
      await kind.fold([folded]);
      return true;
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      return this.fail(queued, error);
    }
  }

  /** Counts a failure. @returns whether the document was given up. */
  private async fail(queued: QueuedDocument, error: unknown): Promise<boolean> {
    const failures = (this.failures.get(queued.entryId) ?? 0) + 1;
    this.failures.set(queued.entryId, failures);
    if (failures < this.limits.maxAttempts) return false;
    await this.bury(queued, error);
    return true;
  }

  private async bury(queued: QueuedDocument, error: unknown): Promise<void> {
    this.logger.error(
      { err: error, kind: queued.kind, id: queued.id, version: queued.version },
      'a document was given up',
    );
    await this.letters.add({ ...queued, error: error instanceof Error ? error.message : String(error) });
    this.failures.delete(queued.entryId);
  }
}

function newestByKind(queued: readonly QueuedDocument[]): Map<string, Candidate[]> {
  const documents = Map.groupBy(queued, ({ kind, id }) => JSON.stringify([kind, id]));
  const candidates = [...documents.values()].map((versions) => ({
    newest: versions.reduce((newest, one) => (one.version >= newest.version ? one : newest)),
    entryIds: versions.map(({ entryId }) => entryId),
  }));
  return Map.groupBy(candidates, ({ newest }) => newest.kind);
}
