import { createHash, randomInt } from 'node:crypto';

/**
 * The seed of this run: SEED, or a random one that `npm test` prints at its start. Hand it to fast-check as well
 * (`fc.assert(…, { seed: runSeed })`), so that SEED repeats every random choice of a run.
 */
export const runSeed: number = Number(process.env.SEED ?? randomInt(2 ** 31));

/** Random choices that can be repeated. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
}

/** @param name makes the choices of one test independent of those of others, whatever order they run in */
export function createRandom(name: string, seed: number = runSeed): Random {
  let state = createHash('sha256').update(`${seed}:${name}`).digest().readUInt32LE(0);

  // mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough to choose test cases.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => items[integer(0, items.length - 1)]!,
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(0, last);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
  };
}
