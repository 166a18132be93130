import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { newSecretId } from '../../../src/platform/ids.js';
import { eventually } from '../../support/eventually.js';
import { createRandom } from '../../support/random.js';
import { kind, type Process, row, startProcess, ttlOf, useWriteBehind, waiting } from './write-behind-rig.js';

useWriteBehind();

describe('a document', () => {
  it('is written by version, read at once, and folded behind', async () => {
    const a = await startProcess();
    const id = newSecretId();
    expect(await a.notes.get(id)).toBeUndefined();
    expect(await a.notes.put(id, 0, { text: 'one' })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.put(id, 1, { text: 'two' })).toEqual({ outcome: 'ok', version: 2 });
    expect(await a.notes.get(id)).toEqual({ version: 2, document: { text: 'two' } });
    expect(await a.notes.put(id, 1, { text: 'late' })).toEqual({
      outcome: 'conflict',
      current: { version: 2, document: { text: 'two' } },
    });
    await eventually(async () => expect(await row(id)).toEqual({ version: 2, document: { text: 'two' } }));
    await eventually(async () => expect(await waiting(a)).toBe(0));
    expect(await ttlOf(a, id)).toBeGreaterThan(0);
  });

  it('is written once by a write that is sent again', async () => {
    const a = await startProcess();
    const id = newSecretId();
    const writeId = newSecretId();
    expect(await a.notes.create(id, { text: 'one' }, { writeId })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.create(id, { text: 'one' }, { writeId })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.put(id, 0, { text: 'one' }, { writeId })).toEqual({ outcome: 'ok', version: 1 });
    expect(await a.notes.create(id, { text: 'one' })).toMatchObject({ outcome: 'conflict', current: { version: 1 } });
  });

  it('that redis has forgotten comes back from PostgreSQL, at its version', async () => {
    const a = await startProcess();
    const client = a.layers.client('session');
    const [read, written, never] = [newSecretId(), newSecretId(), newSecretId()];
    for (const id of [read, written]) {
      await a.notes.create(id, { text: 'one' });
      await a.notes.put(id, 1, { text: 'two' });
    }
    await a.writeBehind.flush();
    await client.del(kind.keyOf(read), kind.keyOf(written));
    expect(await a.notes.get(read)).toEqual({ version: 2, document: { text: 'two' } });
    expect(await a.notes.put(written, 2, { text: 'three' })).toEqual({ outcome: 'ok', version: 3 });
    await client.del(kind.keyOf(read));
    expect(await a.notes.put(read, 0, { text: 'nothing known' })).toMatchObject({
      outcome: 'conflict',
      current: { version: 2 },
    });
    expect(await a.notes.put(never, 4, { text: 'x' })).toEqual({ outcome: 'conflict', current: undefined });
  });

  it('that waits for PostgreSQL is neither evicted nor expired', async () => {
    const a = await startProcess({}, false);
    const id = newSecretId();
    await a.notes.get(id); // leaves a note, with an expiry, that there is none
    await a.notes.put(id, 0, { text: 'one' });
    expect(await ttlOf(a, id)).toBe(-1);
    await a.writeBehind.flush();
    expect(await ttlOf(a, id)).toBeGreaterThan(0);
    await a.notes.put(id, 1, { text: 'two' });
    expect(await ttlOf(a, id)).toBe(-1);
  });

  it('is not put back by a reader that has read PostgreSQL before a newer version was folded', async () => {
    const a = await startProcess();
    const id = newSecretId();
    await a.notes.create(id, { text: 'one' });
    await a.writeBehind.flush();
    const client = a.layers.client('session');
    await client.del(kind.keyOf(id));
    const slow = jest.spyOn(kind, 'load').mockImplementationOnce(async () => {
      const old = { version: 1, document: { text: 'one' } };
      // Meanwhile another one restores it, writes, has it folded, and redis forgets it again.
      await a.notes.get(id);
      await a.notes.put(id, 1, { text: 'two' });
      await a.writeBehind.flush();
      await client.del(kind.keyOf(id));
      return old;
    });
    expect(await a.notes.get(id)).toEqual({ version: 2, document: { text: 'two' } });
    expect(slow).toHaveBeenCalled();
  });

  it('takes writes of many at once without losing one', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const random = createRandom('many writers');
    const client = a.layers.client('session');
    const ids = Array.from({ length: 5 }, newSecretId);
    const written = new Map(ids.map((id) => [id, 0]));
    const add = async ({ notes }: Process, id: string) => {
      for (;;) {
        const now = await notes.get(id);
        const text = `${now?.document.text ?? ''}x`;
        const put = await notes.put(id, now?.version ?? 0, { text });
        if (put.outcome === 'ok') return;
      }
    };
    const forgetful = (async () => {
      for (let i = 0; i < 40; i++) {
        await sleep(random.integer(1, 20));
        // As eviction does it: only what has an expiry, in one step.
        const evict = "if redis.call('PTTL', KEYS[1]) > 0 then redis.call('DEL', KEYS[1]) end";
        await client.eval(evict, 1, kind.keyOf(random.pick(ids)));
      }
    })();
    await Promise.all([
      forgetful,
      ...[a, b].flatMap((process) =>
        Array.from({ length: 4 }, async () => {
          for (let i = 0; i < 15; i++) {
            const id = random.pick(ids);
            await add(process, id);
            written.set(id, written.get(id)! + 1);
            await sleep(random.integer(0, 15));
          }
        }),
      ),
    ]);
    await a.writeBehind.flush();
    await eventually(async () => expect(await waiting(a)).toBe(0));
    for (const id of ids) {
      const count = written.get(id)!;
      const expected = count === 0 ? undefined : { version: count, document: { text: 'x'.repeat(count) } };
      expect(await row(id)).toEqual(expected);
      expect(await a.notes.get(id)).toEqual(expected);
    }
  });
});
