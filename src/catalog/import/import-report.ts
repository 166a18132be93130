// The report of an import: counts, and by line what could not be imported. The list of problems is bounded; their count
// is not.
import { z } from 'zod';
import { cleanLine } from './cell-values.js';

export const importProblem = z
  .object({
    line: z.int().describe('Line of the file, counted from 1; of a record over several lines the first.'),
    handle: z.string().nullable(),
    column: z.string().optional(),
    code: z.string(),
    text: z.string(),
  })
  .meta({ id: 'ImportProblem' });

/** What could not be imported of one record: its line in the file, a stable code, and a sentence for people. */
export type ImportProblem = z.infer<typeof importProblem>;

export const importReport = z
  .object({
    rows: z.int().describe('Records read, without the header.'),
    products: z.object({ created: z.int(), updated: z.int(), unchanged: z.int() }),
    variants: z.int().describe('Variants imported.'),
    images: z.int().describe('Images imported.'),
    skipped: z.int().describe('Records of which nothing was imported.'),
    problemCount: z.int(),
    problems: z.array(importProblem).describe('The first problems; `problemCount` tells how many there were.'),
    unknownColumns: z.array(z.string()).describe('Columns that were not read.'),
  })
  .meta({ id: 'ImportReport' });

/** Counts of an import and its problems. */
export type ImportReport = z.infer<typeof importReport>;

const MAX_PROBLEMS = 500;
const MAX_UNKNOWN_COLUMNS = 100;

/** Gathers the report while the file is read. */
export class ReportBuilder {
  rows = 0;
  skipped = 0;
  variants = 0;
  images = 0;
  readonly products = { created: 0, updated: 0, unchanged: 0 };
  hasPriceColumn = true;
  private isNoProductFile = false;
  private toldUnpriced = false;
  private uncounted: (Pick<ImportProblem, 'line' | 'handle'> & { count: number }) | undefined;
  private problemCount = 0;
  private readonly problems: ImportProblem[] = [];
  private unknownColumns: string[] = [];

  add(problem: ImportProblem): void {
    this.problemCount += 1;
    if (this.problems.length >= MAX_PROBLEMS) return;
    const { line, handle, column, code, text } = problem;
    // A file may hold anything: a NUL could not be stored, an escape sequence would reach a terminal.
    this.problems.push({
      line,
      handle: handle === null ? null : cleanLine(handle),
      ...(column !== undefined && { column: cleanLine(column) }),
      code,
      text: cleanLine(text),
    });
  }

  /** Reports why no row of the file can be read. */
  addUnusable(problem: ImportProblem): void {
    this.isNoProductFile = true;
    this.add(problem);
  }

  /** Reports once that a file without a price column brings new variants. With one, each row without a price is reported. */
  addUnpriced({ line, handle }: Pick<ImportProblem, 'line' | 'handle'>): void {
    if (this.hasPriceColumn || this.toldUnpriced) return;
    this.toldUnpriced = true;
    const text =
      'the file has no price column: this variant, and every other new one, has no price and cannot be bought';
    this.add({ line, handle, code: 'no_price_column', text });
  }

  /** Notes new variants for which the file gives neither a quantity nor a tracker. They are one problem of the report. */
  addUncounted({ line, handle }: Pick<ImportProblem, 'line' | 'handle'>, count: number): void {
    this.uncounted = { line, handle, ...this.uncounted, count: (this.uncounted?.count ?? 0) + count };
  }

  private uncountedProblem(): ImportProblem[] {
    if (!this.uncounted) return [];
    const { line, handle, count } = this.uncounted;
    const lacking = 'neither an inventory quantity nor an inventory tracker in the file';
    const text =
      count === 1
        ? `this new variant has ${lacking}: it is not counted and can be bought without limit. Import it with a quantity to have it counted`
        : `${count} new variants, this one first, have ${lacking}: they are not counted and can be bought without limit. Import them with a quantity to have them counted`;
    return [{ line, handle, code: 'no_quantity', text }];
  }

  /** Whether nothing was imported. Ask after the end of the file. */
  get gaveNothing(): boolean {
    return this.isNoProductFile || this.skipped === this.rows;
  }

  setUnknownColumns(columns: readonly string[]): void {
    this.unknownColumns = columns.slice(0, MAX_UNKNOWN_COLUMNS).map((column) => cleanLine(column.slice(0, 100)));
  }

  /** The report so far, problems in the order of the file. */
  build(): ImportReport {
    const uncounted = this.uncountedProblem();
    return {
      rows: this.rows,
      products: { ...this.products },
      variants: this.variants,
      images: this.images,
      skipped: this.skipped,
      problemCount: this.problemCount + uncounted.length,
      problems: [...this.problems, ...uncounted].sort((a, b) => a.line - b.line),
      unknownColumns: [...this.unknownColumns],
    };
  }
}
