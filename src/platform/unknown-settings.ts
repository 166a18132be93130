// A variable that is meant for the shop and misspelt would be ignored silently: it is reported at the start.
import type { Environment } from './config.js';
import { describeSettings } from './describe-settings.js';

/** Where tests find files that are not part of the project. */
const OF_TESTS = 'TIERSHOP_DATA_DIR_SHARED';
const PREFIX = 'TIERSHOP_';
/** What Kubernetes sets by itself for a service of that name, like `TIERSHOP_PORT=tcp://10.0.0.1:80`. */
const OF_A_SERVICE = /^TIERSHOP_(SERVICE_|PORT_\d|PORT=tcp:)/;

/** Up to this many letters, a name is a word that others use as well: `HOSTS` and `POST` are no slips of `HOST`. */
const SHORT_NAME = 5;
/** From this many letters on, a name may differ in two of them; a shorter one in one. */
const LONG_NAME = 8;

/** A sentence for each variable that looks like a setting and is none. */
export function unknownSettings(env: Environment): string[] {
  const known = [...describeSettings().map(({ name }) => name), OF_TESTS];
  return Object.keys(env)
    .filter((name) => env[name] && !known.includes(name) && !OF_A_SERVICE.test(`${name}=${env[name]}`))
    .flatMap((name) => {
      const meant = nearest(name, known);
      if (!meant && !name.startsWith(PREFIX)) return [];
      const hint = meant ? `Did you mean ${meant}?` : 'docs/reference/settings.md lists what there is.';
      return [`${name} is no setting, and is ignored. ${hint}`];
    });
}

/** The known name that this one misspells, with our prefix before it or without. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const spellings = [name, name.replace(PREFIX, '')].map((spelling) => spelling.toUpperCase());
  const [best] = known
    .map((to) => ({ to, slips: Math.min(...spellings.map((from) => slipsBetween(from, to))) }))
    .filter(({ to, slips }) => slips <= mostSlips(name, to))
    .sort((a, b) => a.slips - b.slips);
  return best?.to ?? known.find((to) => spellings.some((from) => isBeginning(from, to)));
}

function mostSlips(name: string, known: string): number {
  if (name.length <= SHORT_NAME) return 0;
  return known.length < LONG_NAME ? 1 : 2;
}

/** Like `TAX_RATE`, which begins longer names. A single word does not count: npm sets `NODE`, and a shell may set `LOG`. */
function isBeginning(name: string, known: string): boolean {
  return name.includes('_') && known.startsWith(`${name}_`);
}

/** Letters left out, added, changed or swapped with their neighbour (optimal string alignment). */
function slipsBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const at = (cells: readonly number[], index: number) => cells[index] ?? Number.POSITIVE_INFINITY;
      const changed = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + changed,
        swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? Number.POSITIVE_INFINITY;
}
