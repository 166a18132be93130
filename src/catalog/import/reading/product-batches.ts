// Turns the records of a file into batches of products, in constant memory. Rows of one handle usually stand together;
// within a batch they may also stand apart. A product that returns in a later batch is recognised when it is stored.

import { isUuid } from '../../../platform/ids.js';
import { toHandle } from '../cell-values.js';
import type { ReportBuilder } from '../import-report.js';
import { type Columns, readHeader } from './columns.js';
import type { CsvRecord, CsvRow } from './csv-reader.js';
import { RowReader } from './import-row.js';
import type { ParsedProduct, RowHandle } from './parsed-product.js';
import { ProductDraft } from './product-draft.js';
import { tellColumns, tellMalformed } from './unreadable.js';

const MAX_PRODUCTS = 200;
const MAX_ROWS = 2_000;
const MAX_CHARACTERS = 4_000_000;

/** Batches of products in the order of the file. What cannot be read goes to the report. */
export async function* readProductBatches(
  records: AsyncIterable<CsvRecord>,
  defaultCurrency: string,
  report: ReportBuilder,
): AsyncGenerator<ParsedProduct[]> {
  let batches: Batches | undefined;
  for await (const record of records) {
    if (record.kind === 'malformed') {
      if (!tellMalformed(record, batches !== undefined, report)) return;
      batches?.doubt();
    } else if (!batches) {
      const columns = readHeader(record.cells, defaultCurrency);
      if (!tellColumns(columns, record, report)) return;
      report.hasPriceColumn = columns.prices.size > 0;
      batches = new Batches(columns, defaultCurrency, report);
    } else {
      batches.add(record);
      if (batches.full) yield batches.take();
    }
  }
  if (!batches) {
    if (report.rows === 0)
      report.addUnusable({ line: 1, handle: null, code: 'empty_file', text: 'the file has no header row' });
    return;
  }
  if (report.rows === 0)
    report.addUnusable({ line: 1, handle: null, code: 'no_rows', text: 'the file has no row below its header' });
  const last = batches.takeAll();
  if (last.length > 0) yield last;
}

class Batches {
  private readonly rowReader: RowReader;
  /** Rows that do not give their handle are kept apart from those that do: they may be of another product. */
  private readonly drafts = new Map<string, ProductDraft>();
  private current = '';
  private rows = 0;
  private characters = 0;
  /** A row that may belong to the next product was left out. */
  private doubtful = false;

  constructor(
    private readonly columns: Columns,
    defaultCurrency: string,
    private readonly report: ReportBuilder,
  ) {
    this.rowReader = new RowReader(columns, defaultCurrency, (problem) => report.add(problem));
  }

  get full(): boolean {
    const size = this.drafts.size;
    return size > MAX_PRODUCTS || (size > 1 && (this.rows >= MAX_ROWS || this.characters >= MAX_CHARACTERS));
  }

  add({ line, cells, isUtf8 }: CsvRow): void {
    if (cells.every((cell) => cell.trim() === '')) return;
    this.report.rows += 1;
    const fits = isUtf8 ? this.fits(line, cells) : this.refuseDamaged(line);
    const named = this.nameIn(cells);
    const key = draftKey(named);
    if (!fits || !this.isUsable(named, line, cells)) {
      this.report.skipped += 1;
      this.doubt(fits ? '' : key);
      return;
    }
    let draft = this.drafts.get(key);
    if (!draft) {
      draft = new ProductDraft(named, line, this.columns.byField.has('imageUrl'), (problem) =>
        this.report.add(problem),
      );
      this.drafts.set(key, draft);
      if (this.doubtful) draft.markIncomplete();
    }
    this.doubtful = false;
    draft.add(this.rowReader.read(cells, line, named.handle));
    this.current = key;
    this.rows += 1;
    this.characters += cells.reduce((sum, cell) => sum + cell.length, 0);
  }

  /**
   * Notes that a row was left out. It belongs to the draft with this key if there is one, else perhaps to the product
   * before it or to the one after it.
   */
  doubt(key = ''): void {
    const named = this.drafts.get(key);
    const draft = named ?? this.drafts.get(this.current);
    draft?.markIncomplete();
    if (!named) this.doubtful = true;
  }

  /** Everything but the product that may get more rows. */
  take(): ParsedProduct[] {
    const open = this.drafts.get(this.current);
    this.drafts.delete(this.current);
    const taken = this.takeAll();
    if (open) this.drafts.set(this.current, open);
    return taken;
  }

  takeAll(): ParsedProduct[] {
    const taken = [...this.drafts.values()].map((draft) => draft.finish());
    this.drafts.clear();
    this.rows = 0;
    this.characters = 0;
    return taken;
  }

  /** Missing cells at the end are read as empty; surplus ones mean a stray comma. */
  private fits(line: number, cells: readonly string[]): boolean {
    const expected = this.columns.headers.length;
    if (cells.slice(expected).some((cell) => cell.trim() !== '')) {
      this.problem(line, 'wrong_column_count', `has ${cells.length} cells, the header ${expected}; it was left out`);
      return false;
    }
    if (cells.length < expected) {
      this.problem(line, 'short_row', `has ${cells.length} cells, the header ${expected}; the rest was read as empty`);
    }
    return true;
  }

  /** Nothing of the row is taken: text that has lost its letters must not replace what the shop has. */
  private refuseDamaged(line: number): false {
    const text = 'is not all UTF-8; it was left out. Save the file as "CSV UTF-8" and import it again';
    this.problem(line, 'bad_encoding', text);
    return false;
  }

  private nameIn(cells: readonly string[]): RowHandle {
    const given = this.cellOf(cells, 'handle');
    const handle = toHandle(given || this.cellOf(cells, 'title'));
    return { handle, derived: handle !== given.normalize('NFC').toLowerCase() };
  }

  private isUsable({ handle, derived }: RowHandle, line: number, cells: readonly string[]): boolean {
    if (handle === '') {
      this.problem(line, 'missing_handle', 'has neither a handle nor a title; it was left out');
      return false;
    }
    // Both stand in the same place of a URL.
    if (isUuid(handle)) {
      this.problem(line, 'bad_handle', 'a handle cannot look like an id; the row was left out');
      return false;
    }
    const given = this.cellOf(cells, 'handle');
    if (derived && given !== '')
      this.problem(line, 'handle_changed', `the handle "${given.slice(0, 60)}" became "${handle}"`);
    return true;
  }

  private cellOf(cells: readonly string[], field: 'handle' | 'title'): string {
    return cells[this.columns.byField.get(field) ?? -1]?.trim() ?? '';
  }

  private problem(line: number, code: string, text: string): void {
    this.report.add({ line, handle: null, code, text });
  }
}

// No handle has a space.
const draftKey = ({ handle, derived }: RowHandle) => (derived ? ` ${handle}` : handle);
