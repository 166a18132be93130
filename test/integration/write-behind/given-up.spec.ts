// What becomes of a document that is given up, and of what waits beside it.
import { describe, expect, it } from '@jest/globals';
import { DeadLettersRepository } from '../../../src/cache/write-behind/dead-letters.repository.js';
import { writeBehindLimits } from '../../../src/cache/write-behind/document-kind.js';
import { Folder } from '../../../src/cache/write-behind/folder.js';
import { newSecretId } from '../../../src/platform/ids.js';
import { eventually } from '../../support/eventually.js';
import {
  database,
  folding,
  kind,
  letters,
  logger,
  row,
  startProcess,
  ttlOf,
  useWriteBehind,
  waiting,
} from './write-behind-rig.js';

useWriteBehind();

function refuseBadOnes(): void {
  folding.before = (batch) => {
    if (batch.some(({ document }) => document.text.startsWith('bad'))) throw new Error('this one breaks the statement');
  };
}

describe('a version that cannot be folded', () => {
  it('does not take the versions before it along', async () => {
    const a = await startProcess({ retryMs: 10, maxAttempts: 2 }, false);
    const id = newSecretId();
    refuseBadOnes();
    await a.notes.create(id, { text: 'old' });
    await a.notes.put(id, 1, { text: 'good' });
    await a.notes.put(id, 2, { text: 'bad' });
    await a.notes.put(id, 3, { text: 'bad as well' });
    a.writeBehind.start();
    await eventually(async () => expect(await waiting(a)).toBe(0));
    expect(await letters()).toMatchObject([{ version: '4' }, { version: '3' }]);
    expect(await row(id)).toEqual({ version: 2, document: { text: 'good' } });
  });

  it('expires in Redis after it was given up, as one that was folded does', async () => {
    const a = await startProcess({ retryMs: 10, maxAttempts: 2 });
    const id = newSecretId();
    refuseBadOnes();
    await a.notes.create(id, { text: 'bad' });
    await eventually(async () => expect(await letters()).toMatchObject([{ document_id: id }]));
    await eventually(async () => expect(await waiting(a)).toBe(0));
    expect(await a.notes.get(id)).toEqual({ version: 1, document: { text: 'bad' } });
    expect(await ttlOf(a, id)).toBeGreaterThan(0);
    expect(await ttlOf(a, id)).toBeLessThanOrEqual(kind.ttlMs);
  });

  it('stays in Redis without an expiry when a newer one waits', async () => {
    const a = await startProcess({ maxAttempts: 1 }, false);
    const id = newSecretId();
    await a.notes.create(id, { text: 'bad' });
    folding.before = async (batch) => {
      if (batch.some(({ version }) => version > 1)) throw Object.assign(new Error('out'), { code: 'ECONNREFUSED' });
      await a.notes.put(id, 1, { text: 'newer' }); // tried alone as well, this changes nothing
      throw new Error('this one breaks the statement');
    };
    await expect(a.writeBehind.flush()).rejects.toThrow('out');
    expect(await letters()).toMatchObject([{ version: '1' }]);
    expect(await waiting(a)).toBe(1);
    expect(await ttlOf(a, id)).toBe(-1);
  });

  it('is forgotten where it waits no more, since another process has it', async () => {
    refuseBadOnes();
    const limits = { ...writeBehindLimits, maxAttempts: 2 };
    const folder = new Folder(new Map([[kind.kind, kind]]), new DeadLettersRepository(database), logger, limits);
    const text = JSON.stringify({ text: 'bad' });
    const queued = { entryId: '1-0', kind: kind.kind, id: newSecretId(), version: 1, text };
    expect(await folder.fold([queued])).toMatchObject({ doneIds: [], left: 1 });
    folder.forgetAllBut([]);
    expect(await folder.fold([queued])).toMatchObject({ doneIds: [], left: 1 });
    folder.forgetAllBut([queued]);
    expect(await folder.fold([queued])).toMatchObject({ doneIds: ['1-0'], left: 0 });
    expect(await letters()).toHaveLength(1);
  });
});
