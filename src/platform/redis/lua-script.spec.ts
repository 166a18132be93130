import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineLua, parseLuaHeader } from './lua-script.js';

const folder = new URL('../../../lua/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.lua'));

describe('headers', () => {
  test.each(files)('lua/%s states its contract', (file) => {
    const header = parseLuaHeader(readFileSync(new URL(file, folder), 'utf8'), file);
    expect(header.keys.length).toBeGreaterThan(0);
    expect(header.returns.length).toBeGreaterThan(0);
  });

  test('a section that is missing is named', () => {
    expect(() => parseLuaHeader('-- Purpose: x\n-- KEYS\n--   a\n', 'x.lua')).toThrow(
      'lua/x.lua: the header has no "Invariant:"',
    );
  });

  test('a wrapper that says something else than the header is refused', () => {
    const definition = {
      name: 'transition-state',
      keys: ['session...'],
      args: ['version'],
      returns: ['OK'],
      reply: z.unknown(),
    };
    expect(() => defineLua(definition)).toThrow(/the header lists args/);
  });
});
