// A Lua script is a file in lua/ whose header states its contract, and a typed definition in the feature that runs it.
// Both must say the same: loading compares them, so neither can drift.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';

const folder = new URL('../../../lua/', import.meta.url);

export interface LuaContract {
  /** Names of KEYS in order; a trailing `...` marks a group that repeats. */
  readonly keys: readonly string[];
  readonly args: readonly string[];
  /** The first word of every reply. */
  readonly returns: readonly string[];
}

export interface LuaDefinition<R> extends LuaContract {
  /** File name in lua/ without its ending. */
  readonly name: string;
  /** The reply is not all text: its words come as bytes. */
  readonly isBinary?: true;
  /** Reads the raw reply into a typed result. */
  readonly reply: z.ZodType<R>;
}

export interface LuaScript<R> extends LuaDefinition<R> {
  readonly source: string;
}

/** Reads `lua/<name>.lua` and checks its header against the definition. @throws Error that names the difference. */
export function defineLua<R>(definition: LuaDefinition<R>): LuaScript<R> {
  const file = `${definition.name}.lua`;
  const source = readFileSync(new URL(file, folder), 'utf8');
  const header = parseLuaHeader(source, file);
  for (const part of ['keys', 'args', 'returns'] as const) {
    if (header[part].join(' ') !== definition[part].join(' ')) {
      throw new Error(
        `lua/${file}: the header lists ${part} "${header[part].join(' ')}" but its wrapper "${definition[part].join(' ')}"`,
      );
    }
  }
  return { ...definition, source };
}

/**
 * Reads the contract from the comment that opens a script:
 * `-- Purpose: …`, then sections `-- KEYS`, `-- ARGV`, `-- Returns` whose lines begin with a name, then `-- Invariant: …`.
 */
export function parseLuaHeader(source: string, file: string): LuaContract {
  const lines = source.split('\n');
  const header = lines
    .slice(
      0,
      Math.max(
        0,
        lines.findIndex((line) => !line.startsWith('--')),
      ),
    )
    .map((line) => line.slice(2).trimEnd());
  for (const part of ['Purpose:', 'Invariant:']) {
    if (!header.some((line) => line.startsWith(` ${part}`)))
      throw new Error(`lua/${file}: the header has no "${part}"`);
  }
  return {
    keys: section(header, 'KEYS', file),
    args: section(header, 'ARGV', file),
    returns: section(header, 'Returns', file),
  };
}

/** The first words of the lines indented under a title. Deeper lines continue the one above. */
function section(header: readonly string[], title: string, file: string): string[] {
  const start = header.indexOf(` ${title}`);
  if (start === -1) throw new Error(`lua/${file}: the header has no section "${title}"`);
  const names: string[] = [];
  for (const line of header.slice(start + 1)) {
    const match = /^ {3}(\S+)/.exec(line);
    if (match?.[1]) names.push(match[1]);
    else if (!line.startsWith('    ')) break;
  }
  return names;
}
