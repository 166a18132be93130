import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { referencePages } from './reference-pages.js';

const folder = new URL('../../docs/reference/', import.meta.url);

export function referenceCommand(): Command {
  return new Command('reference')
    .description('Write docs/reference/ from the code.')
    .option('--check', 'write nothing; fail when a page differs from the code')
    .option('--json', 'print the names of the pages that differed as one JSON document')
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const stale: string[] = [];
      for (const { name, text } of await referencePages()) {
        const file = new URL(name, folder);
        if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
        stale.push(name);
        if (!options.check) await writeFile(file, text);
      }
      if (options.json) process.stdout.write(`${JSON.stringify({ stale })}\n`);
      else if (stale.length === 0) process.stdout.write('docs/reference/ is as the code says.\n');
      else process.stdout.write(`${options.check ? 'Differs from the code' : 'Written'}: ${stale.join(', ')}\n`);
      if (options.check && stale.length > 0) {
        process.stderr.write('Run `npm run cli -- reference` and commit docs/reference/.\n');
        process.exitCode = 1;
      }
    });
}
