import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { generateCatalog } from '../catalog/index.js';

export function generateCommand(): Command {
  return new Command('generate')
    .description('Write a made-up catalogue of any size as CSV to standard output.')
    .option('--products <count>', 'how many products', wholeNumber, 300)
    .option('--seed <number>', 'the same seed gives the same catalogue', wholeNumber, 1)
    .option('--json', 'print only a JSON document with what would be written, no CSV')
    .action(async (options: { products: number; seed: number; json?: boolean }) => {
      // The header is no row: an import counts the same way.
      let rows = -1;
      for (const line of generateCatalog({ products: options.products, seed: options.seed })) {
        rows += 1;
        if (!options.json && !process.stdout.write(line)) await once(process.stdout, 'drain');
      }
      if (options.json)
        process.stdout.write(`${JSON.stringify({ products: options.products, seed: options.seed, rows })}\n`);
    });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 10_000_000) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 10000000.');
  }
  return value;
}
