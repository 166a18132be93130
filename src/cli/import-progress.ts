// What a person at a terminal sees of an import: a bar while it runs, then the report.
import { Presets, SingleBar } from 'cli-progress';
import type { ImportOutcome, ImportReport, OnImportProgress } from '../catalog/index.js';

/** A progress bar on standard error, when that is a terminal; otherwise it shows nothing. */
export function importProgressBar(): { readonly onProgress: OnImportProgress; stop(): void } {
  if (!process.stderr.isTTY) return { onProgress: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: 'Importing {bar} {percentage} % | {products} products, {problems} problems | {eta_formatted} left',
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    onProgress: ({ readBytes, totalBytes, report }) => {
      const { products, problemCount } = report();
      const payload = { products: products.created + products.updated + products.unchanged, problems: problemCount };
      if (!started) bar.start(totalBytes ?? readBytes, readBytes, payload);
      else bar.update(readBytes, payload);
      started = true;
      if (totalBytes === undefined) bar.setTotal(readBytes);
    },
    stop: () => bar.stop(),
  };
}

/** The outcome of an import as text. */
export function formatImportOutcome(outcome: ImportOutcome): string {
  return [describeEnding(outcome), ...counts(outcome.report), ...problems(outcome.report)].join('\n');
}

/** How it ended, in a sentence. */
export function describeEnding(outcome: ImportOutcome): string {
  if (outcome.kind === 'done') return 'The import is done.';
  if (outcome.kind === 'stopped') return `The import stopped: ${outcome.reason}.`;
  return 'Nothing of the file could be imported. Nothing was changed.';
}

function counts({ products, variants, images, rows, skipped, unknownColumns }: ImportReport): string[] {
  return [
    `  products: ${products.created} created, ${products.updated} updated, ${products.unchanged} unchanged`,
    `  variants: ${variants}, images: ${images}`,
    `  rows:     ${rows}, of which ${skipped} gave nothing`,
    ...(unknownColumns.length > 0 ? [`  columns that were not read: ${unknownColumns.join(', ')}`] : []),
  ];
}

function problems({ problems, problemCount }: ImportReport): string[] {
  if (problemCount === 0) return [];
  const lines = problems.map(({ line, handle, column, code, text }) => {
    const where = [handle, column].filter((part) => part).join(', ');
    return `  line ${line}${where ? ` (${where})` : ''}: ${text} [${code}]`;
  });
  const more = problemCount - problems.length;
  return [
    `${problemCount} ${problemCount === 1 ? 'problem' : 'problems'}:`,
    ...lines,
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}
