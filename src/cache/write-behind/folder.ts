// Folds queued documents into PostgreSQL: the newest version of each document, all of a kind in one batch; when the batch
// fails, each alone, so that one bad document does not hold up the others.
import type { Logger } from 'pino';
import { isDatabaseDown } from '../../platform/database/database.js';
import type { DeadLettersRepository } from './dead-letters.repository.js';
import type { DocumentKind, FoldedDocument, WriteBehindLimits } from './document-kind.js';
import type { QueuedDocument } from './write-stream.js';

/** The newest version of a document in the batch, with all entries that folding it settles. */
interface Candidate {
  readonly newest: QueuedDocument;
  readonly entryIds: readonly string[];
}

export interface FoldOutcome {
  readonly doneIds: readonly string[];
  /** Versions now in PostgreSQL or among the dead letters: a document that redis still has in one of them may expire. */
  readonly documents: readonly { readonly key: string; readonly version: number; readonly ttlMs: number }[];
  /** How many entries are to be tried again. */
  readonly left: number;
}

/** How an entry was settled. */
type Settled = 'folded' | 'given up';

/** The folder of one shard: an entry is known by its id there. */
export class Folder {
  /** Failures of entries that are still waiting, until they are settled or waiting elsewhere. */
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly kinds: ReadonlyMap<string, DocumentKind<unknown>>,
    private readonly letters: DeadLettersRepository,
    private readonly logger: Logger,
    private readonly limits: WriteBehindLimits,
  ) {}

  /** @throws when PostgreSQL is down: nothing was settled, and no document is blamed. */
  async fold(queued: readonly QueuedDocument[]): Promise<FoldOutcome> {
    const outcome = { doneIds: [] as string[], documents: [] as FoldOutcome['documents'][number][], left: 0 };
    for (const [kindName, candidates] of newestByKind(queued)) {
      const settled = await this.foldKind(kindName, candidates);
      for (const { newest, entryIds } of candidates) {
        const how = settled.get(newest.entryId);
        // A version that was given up settles only itself: the one before it is the newest in the next round.
        const doneIds = how === 'folded' ? entryIds : how ? [newest.entryId] : [];
        outcome.left += entryIds.length - doneIds.length;
        outcome.doneIds.push(...doneIds);
        if (how) outcome.documents.push(...this.expiring(newest));
        for (const entryId of doneIds) this.failures.delete(entryId);
      }
    }
    return outcome;
  }

  /** Gives up documents that were handed out again and again: each worker that had them died. */
  async giveUp(queued: readonly QueuedDocument[], error: string): Promise<FoldOutcome> {
    for (const document of queued) await this.bury(document, new Error(error));
    return {
      doneIds: queued.map(({ entryId }) => entryId),
      documents: queued.flatMap((document) => this.expiring(document)),
      left: 0,
    };
  }

  /** Forgets failures of entries that another process has taken over. @param waiting all that still wait here */
  forgetAllBut(waiting: readonly QueuedDocument[]): void {
    const ids = new Set(waiting.map(({ entryId }) => entryId));
    for (const entryId of this.failures.keys()) if (!ids.has(entryId)) this.failures.delete(entryId);
  }

  private expiring({ kind: name, id, version }: QueuedDocument): FoldOutcome['documents'] {
    const kind = this.kinds.get(name);
    return kind ? [{ key: kind.keyOf(id), version, ttlMs: kind.ttlMs }] : [];
  }

  /** @returns which of the newest entries are settled */
  private async foldKind(kindName: string, candidates: readonly Candidate[]): Promise<Map<string, Settled>> {
    const settled = new Map<string, Settled>();
    const kind = this.kinds.get(kindName);
    const readable: { queued: QueuedDocument; folded: FoldedDocument<unknown> }[] = [];
    for (const { newest } of candidates) {
      try {
        if (!kind) throw new Error(`there is no kind of document named ${kindName}`);
        const document = kind.codec.parse(JSON.parse(newest.text));
        readable.push({ queued: newest, folded: { id: newest.id, version: newest.version, document } });
      } catch (error) {
        if (await this.fail(newest, error)) settled.set(newest.entryId, 'given up');
      }
    }
    if (!kind || readable.length === 0) return settled;
    try {
      await kind.fold(readable.map(({ folded }) => folded));
      for (const { queued } of readable) settled.set(queued.entryId, 'folded');
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      this.logger.warn({ err: error, kind: kindName, documents: readable.length }, 'a batch could not be folded');
      for (const { queued, folded } of readable) {
        const how = await this.foldAlone(kind, queued, folded);
        if (how) settled.set(queued.entryId, how);
      }
    }
    return settled;
  }

  private async foldAlone(
    kind: DocumentKind<unknown>,
    queued: QueuedDocument,
    folded: FoldedDocument<unknown>,
  ): Promise<Settled | undefined> {
    try {
      await kind.fold([folded]);
      return 'folded';
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      return (await this.fail(queued, error)) ? 'given up' : undefined;
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
