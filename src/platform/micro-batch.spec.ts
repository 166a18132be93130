import { expect, test } from '@jest/globals';
import { MicroBatch } from './micro-batch.js';

const limits = { maxItems: 3, maxInFlight: 1 };

/** A batcher whose batches end when the test says so. */
function heldBatches() {
  const sent: number[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const batch = new MicroBatch<number, number>((items) => {
    sent.push([...items]);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve(items.map((item) => item * 10))));
    });
  }, limits);
  return { batch, sent, end: (error?: Error) => ends.shift()?.(error) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('an idle batcher sends at once; what comes meanwhile goes together, up to the cap', async () => {
  const { batch, sent, end } = heldBatches();
  const first = batch.add(1);
  await settled();
  const others = [2, 3, 4, 5].map((item) => batch.add(item));
  await settled();
  expect(sent).toEqual([[1]]);
  end();
  expect(await first).toBe(10);
  await settled();
  expect(sent).toEqual([[1], [2, 3, 4]]);
  end();
  await settled();
  end();
  expect(await Promise.all(others)).toEqual([20, 30, 40, 50]);
  expect(sent).toEqual([[1], [2, 3, 4], [5]]);
});

test('what does not go with those before it begins another batch; the order stays', async () => {
  const sent: number[][] = [];
  const batch = new MicroBatch<number, number>(
    async (items) => {
      sent.push([...items]);
      return items;
    },
    { maxItems: 3, maxInFlight: 9, goesWith: ([first = 0], next) => first % 2 === next % 2 },
  );
  expect(await Promise.all([1, 3, 2, 5, 7, 9, 11].map((item) => batch.add(item)))).toEqual([1, 3, 2, 5, 7, 9, 11]);
  expect(sent).toEqual([[1, 3], [2], [5, 7, 9], [11]]);
});

test('a batch that fails fails its items only', async () => {
  const { batch, end } = heldBatches();
  const first = batch.add(1);
  await settled();
  const second = batch.add(2);
  end(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await settled();
  end();
  expect(await second).toBe(20);
});

test('where one item may have spoiled its batch, each is carried out by itself, and gets what is its own', async () => {
  const sent: number[][] = [];
  const batch = new MicroBatch<number, number>(
    async (items) => {
      sent.push([...items]);
      if (items.includes(2)) throw new Error('two');
      return items;
    },
    { maxItems: 3, maxInFlight: 1, mayBeOfOne: () => true },
  );
  const results = await Promise.allSettled([1, 2, 3, 4].map((item) => batch.add(item)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(sent).toEqual([[1, 2, 3], [1], [2], [3], [4]]);
});

test('a batch that does not answer each item fails them', async () => {
  const batch = new MicroBatch<number, number>(async () => [1], limits);
  const results = await Promise.allSettled([batch.add(1), batch.add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('who comes when far too many wait is refused at once; the others are answered', async () => {
  const { batch, end } = heldBatches();
  const first = batch.add(1);
  await settled();
  const waiting = Array.from({ length: 4_096 }, (_, item) => batch.add(item));
  await expect(batch.add(2)).rejects.toMatchObject({ code: 'unavailable' });
  for (let ended = 0; ended * limits.maxItems < waiting.length + limits.maxItems; ended += 1) {
    end();
    await settled();
  }
  expect(await first).toBe(10);
  expect(await Promise.all(waiting)).toHaveLength(4_096);
});

test('a batch that takes long does not hold up those who come after it', async () => {
  const sent: number[][] = [];
  let end = () => {};
  const batch = new MicroBatch<number, number>(
    async (items) => {
      sent.push([...items]);
      if (items.includes(0)) await new Promise<void>((resolve) => (end = resolve));
      return items;
    },
    { maxItems: 9, maxInFlight: 2, minBeside: 5 },
  );
  const long = batch.add(0);
  await settled();
  expect(await Promise.all([batch.add(1), batch.add(2)])).toEqual([1, 2]);
  expect(sent).toEqual([[0], [1, 2]]);
  end();
  expect(await long).toBe(0);
});

test('beside a batch that is under way another begins only with enough items', async () => {
  const sent: number[][] = [];
  const ends: (() => void)[] = [];
  const batch = new MicroBatch<number, number>(
    (items) => {
      sent.push([...items]);
      return new Promise((resolve) => ends.push(() => resolve(items)));
    },
    { maxItems: 3, maxInFlight: 2, minBeside: 2 },
  );
  const results = [batch.add(1)];
  await settled();
  results.push(batch.add(2));
  await settled();
  expect(sent).toEqual([[1]]);
  results.push(batch.add(3));
  await settled();
  expect(sent).toEqual([[1], [2, 3]]);
  results.push(batch.add(4));
  ends.shift()?.();
  await settled();
  expect(sent).toEqual([[1], [2, 3]]);
  ends.shift()?.();
  await settled();
  expect(sent).toEqual([[1], [2, 3], [4]]);
  ends.shift()?.();
  expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
});
