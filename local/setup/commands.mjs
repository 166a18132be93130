// What `npm start`, `npm test` and the other scripts are: one row per command, read by the launcher and its help.

const servers = [
  'DATABASE_URL             a PostgreSQL to use instead of the embedded one',
  'REDIS_URL                a Redis to use for every layer that has no URL of its own',
  'REDIS_OPERATIONAL_URL, REDIS_APPLICATION_URL, REDIS_SESSION_URL',
  '                         a Redis for one layer; layers without any URL get a local redis-server',
  'TIERSHOP_DATA_DIR        where local data lives (default: .data)',
  '',
  'Every setting is in docs/reference/settings.md.',
];
const fullHelp = ['`npm run build` installs and builds; after it, --help lists everything that this command takes.'];

/**
 * @typedef {object} Command
 * @property {string} usage
 * @property {string} summary
 * @property {string[]} [notes] shown by --help
 * @property {Record<string, string>} [options] the only options it takes; without this row everything is passed on
 * @property {string} [script] run under Node 24, from the project's root
 * @property {boolean} built needs dist/
 * @property {boolean} [types] and the declarations in it
 * @property {'unless-external' | 'always' | 'never'} redis whether redis-server must be on this machine
 * @property {boolean} [ownHelp] `--help` is answered by the command itself, once it is installed
 * @property {boolean} [countsRequests] to stop: the first one waits, the second does not
 * @property {boolean} [listens] on HOST and PORT
 * @property {boolean} [watch] rebuilds and restarts the application when sources change
 */

/** @type {Record<string, Command>} */
export const commands = {
  start: {
    usage: 'npm start',
    summary: 'start the shop, with a PostgreSQL and three Redis of its own unless others are configured',
    notes: [
      'Ctrl-C stops everything; a second Ctrl-C does not wait.',
      '',
      'PORT                     default 3000',
      ...servers,
    ],
    options: {},
    script: 'local/commands/start.ts',
    countsRequests: true,
    listens: true,
    built: true,
    redis: 'unless-external',
  },
  dev: {
    usage: 'npm run dev',
    summary: 'like start, and restart the application whenever a source file changes (the servers stay up)',
    notes: servers,
    options: {},
    script: 'local/commands/start.ts',
    countsRequests: true,
    listens: true,
    built: true,
    redis: 'unless-external',
    watch: true,
  },
  test: {
    usage: 'npm test -- [jest options]',
    summary: 'run every test against servers of its own',
    notes: [
      'npm test -- --selectProjects unit        only what needs no server',
      'npm test -- test/e2e                     only the files whose path matches',
      'npm test -- src/cart --selectProjects unit   both: the path first, or it is taken for a project',
      '',
      'SEED                     repeat a run with the same random choices',
      'TEST_DATABASE_URL        a PostgreSQL (with the right to create databases) instead of the embedded one',
    ],
    script: 'local/commands/test.ts',
    built: true,
    redis: 'always',
  },
  check: {
    usage: 'npm run check -- [--fix]',
    summary: 'format, lint, types, import law, unused code, generated reference, unit tests',
    options: { '--fix': 'format and mend what can be mended safely' },
    script: 'local/commands/check.ts',
    built: false,
    redis: 'never',
  },
  build: {
    usage: 'npm run build',
    summary: 'compile src/ to dist/, with types for applications that import it, unless it was done from these sources',
    options: {},
    built: true,
    types: true,
    redis: 'never',
  },
  bench: {
    usage: 'npm run bench -- [suite …] [--json] [options]',
    summary: 'print every figure beside its limit or peer',
    notes: fullHelp,
    script: 'bench/main.ts',
    countsRequests: true,
    built: true,
    redis: 'always',
    ownHelp: true,
  },
  cli: {
    usage: 'npm run cli -- <command>',
    summary: "the shop's own command line, with the servers of a running `npm start` or of its own",
    notes: fullHelp,
    script: 'local/commands/cli.ts',
    built: true,
    redis: 'unless-external',
    ownHelp: true,
  },
  reset: {
    usage: 'npm run reset -- [--force] [--json]',
    summary: 'delete all local data of the shop (.data/); the next start begins anew',
    options: { '--force': 'stop a running shop first', '--json': 'print one JSON document on standard output' },
    script: 'local/commands/reset.ts',
    built: false,
    redis: 'never',
  },
};
