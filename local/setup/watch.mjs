import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { say } from './setup-error.mjs';

/** Editors save in several steps; what comes this close together is one change. */
const quietMs = 150;

/**
 * Rebuilds when a source changes and calls `onBuilt` after each build that worked. One that fails is shown, and the
 * application that runs goes on running.
 * @param {string} root
 * @param {string} node Node 24
 * @param {() => void} onBuilt
 */
export function watchSources(root, node, onBuilt) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let building = Promise.resolve();

  const rebuild = async () => {
    try {
      await ensureBuilt(root, node);
      onBuilt();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  /** @type {import('node:fs').WatchListener<string>} */
  const changed = (_event, name) => {
    if (name?.endsWith('.spec.ts')) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(rebuild);
    }, quietMs);
  };

  for (const directory of ['src', 'lua', 'migrations'].map((name) => join(root, name)).filter(existsSync)) {
    watch(directory, { recursive: true }, changed);
  }
  say('Watching src, lua and migrations for changes.');
}
