import { describe, expect, it } from '@jest/globals';
import { inBatches } from './in-batches.js';
import { WarmUps } from './warm-ups.js';

describe('warm-ups', () => {
  it('run with progress, one of a name at a time, and remember how they ended', async () => {
    const warmUps = new WarmUps();
    const gate = Promise.withResolvers<void>();
    warmUps.register('product', {
      total: async () => 200,
      run: async (options, onProgress) => {
        onProgress({ done: 100, failed: 1 });
        await gate.promise;
        return { done: options.top ?? 200, failed: 1 };
      },
    });
    const job = warmUps.begin('product', { top: 150 });
    expect(job).toMatchObject({ state: 'running', name: 'product', finishedAt: null });
    expect(warmUps.begin('product')?.id).toBe(job?.id);
    await new Promise(setImmediate);
    expect(warmUps.job(job!.id)).toMatchObject({ done: 100, failed: 1, total: 200, state: 'running' });
    gate.resolve();
    expect(await warmUps.run('product')).toMatchObject({ id: job?.id, state: 'done', done: 150 });
    expect(warmUps.begin('nothing')).toBeUndefined();
  });

  it('tell why they failed, and keep a bounded history', async () => {
    const warmUps = new WarmUps();
    warmUps.register('broken', {
      run: async () => {
        throw new Error('no database');
      },
    });
    for (let i = 0; i < 60; i++)
      expect(await warmUps.run('broken')).toMatchObject({ state: 'failed', error: 'no database' });
    expect(warmUps.history()).toHaveLength(50);
    expect(() => warmUps.register('broken', { run: async () => ({ done: 0, failed: 0 }) })).toThrow('twice');
  });

  it('end at the next batch when the process stops', async () => {
    const warmUps = new WarmUps();
    let batches = 0;
    warmUps.register('endless', {
      run: (_options, onProgress, signal) => inBatches(endless(), async () => void batches++, { onProgress, signal }),
    });
    const job = warmUps.begin('endless');
    while (batches === 0) await new Promise(setImmediate);
    await warmUps.stop();
    expect(warmUps.job(job!.id)).toMatchObject({ state: 'done' });
  });
});

async function* endless(): AsyncGenerator<string> {
  for (let i = 0; ; i++) {
    if (i % 100 === 0) await new Promise(setImmediate);
    yield String(i);
  }
}
