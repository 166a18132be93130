import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const namesIn = (folder: string) => readdirSync(new URL(`../../../${folder}/`, import.meta.url)).sort();

describe('what is numbered', () => {
  it.each(['migrations', 'docs/adr'])('has numbers from 1 up without a gap or a double: %s', (folder) => {
    const numbers = namesIn(folder).map((name) => Number(name.slice(0, 4)));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
});
