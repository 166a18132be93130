import { readFileSync } from 'node:fs';

const {
  $schema: _schema,
  exclude: _exclude,
  ...swc
} = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** What every project shares: TypeScript through swc, native ES modules, `.js` specifiers that mean `.ts` files. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
};

/** A project that talks to real servers: PostgreSQL is started once, every spec file brings its own database and Redis. */
const withServers = (name) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.spec.ts`],
  setupFiles: ['<rootDir>/test/support/preload-nest.ts', '<rootDir>/test/support/seed-fast-check.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
});

/** @type {import('jest').Config} */
export default {
  testTimeout: 60_000,
  // A worker that has run many suites gives back much memory at its end, which takes a busy machine longer than half a second.
  workerGracefulExitTimeout: 5_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      setupFiles: ['<rootDir>/test/support/seed-fast-check.ts'],
      testMatch: ['<rootDir>/{src,local,bench}/**/*.spec.ts'],
    },
    withServers('integration'),
    withServers('faults'),
    withServers('e2e'),
  ],
};
