import type { Machine } from './machine.ts';
import type { Result } from './result.ts';

/** What one suite found out. */
export interface Report {
  readonly suite: string;
  readonly machine: Machine;
  readonly results: readonly Result[];
}

/** The report for programs: one JSON document. */
export function toJson({ suite, machine, results }: Report): string {
  return `${JSON.stringify({ suite, machine, results }, null, 2)}\n`;
}

/** The report for people. */
export function toTable({ suite, machine, results }: Report): string {
  const header = ['', 'value', 'unit', 'reference', 'value', 'ratio'];
  const rows = results.map((result) => [
    result.name,
    String(result.value),
    result.unit,
    result.reference,
    String(result.referenceValue),
    result.ratio.toFixed(2),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number) => [1, 4, 5].includes(column);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const about = `${suite} — ${machine.cpus} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.os}, Node ${machine.node}`;
  const note = 'Medians of alternating rounds; a ratio above 1 is better than the reference.';
  return `${[about, '', line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line), '', note].join('\n')}\n`;
}
