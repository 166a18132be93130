import { parseArgs } from 'node:util';

/** How long and how hard is measured. */
export interface Options {
  readonly rounds: number;
  /** Length of one round of one side. */
  readonly seconds: number;
  readonly connections: number;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'run'; readonly suites: readonly string[]; readonly json: boolean; readonly options: Options };

interface NumberOption {
  readonly text: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

const numberOptions: Readonly<Record<keyof Options, NumberOption>> = {
  rounds: { text: 'rounds of each side; figures are their medians', default: 5, min: 1, max: 1_000 },
  seconds: { text: 'length of a round', default: 1, min: 0.1, max: 600 },
  connections: { text: 'keep-alive connections, each with one request under way', default: 64, min: 1, max: 10_000 },
};

/** Reads the arguments. Without the name of a suite all are run; JSON is for one suite only. */
export function parseCommand(args: readonly string[], known: readonly string[]): Command {
  const wrong = (problem: string): Command => ({ kind: 'wrong', problem });
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) return wrong(`There is no suite "${unknown}".`);
  const suites = positionals.length > 0 ? positionals : known;
  if (values.json && suites.length > 1) return wrong('--json needs the name of one suite.');

  const options = { rounds: 0, seconds: 0, connections: 0 };
  for (const [name, { default: preset, min, max }] of entriesOf(numberOptions)) {
    const value = Number(values[name] ?? preset);
    const isWhole = name === 'seconds' || Number.isInteger(value);
    if (!isWhole || !(value >= min && value <= max)) return wrong(`--${name} must be a number from ${min} to ${max}.`);
    options[name] = value;
  }
  return { kind: 'run', suites, json: values.json ?? false, options };
}

/** The text of `--help`. */
export function helpText(suites: Readonly<Record<string, { readonly summary: string }>>): string {
  const row = (name: string, text: string) => `  ${name.padEnd(18)}  ${text}`;
  return [
    'Usage: npm run bench -- [suite …] [--json] [options]',
    '',
    'Print every figure beside its limit or peer, measured in turn with it in the same run. Without a suite, all of them.',
    'Each run has servers of its own; nothing leaves this machine.',
    '',
    'Suites:',
    ...Object.entries(suites).map(([name, { summary }]) => row(name, summary)),
    '',
    'Options:',
    ...entriesOf(numberOptions).map(([name, option]) =>
      row(`--${name} <n>`, `${option.text} (default: ${option.default})`),
    ),
    row('--json', 'print one JSON document on standard output (of one suite)'),
    row('--help', 'this text'),
    '',
  ].join('\n');
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
