// The cells of a row by field, cleaned. Unreadable ones are reported under the header as it stands in the file.
import { cleanLine, cleanText, cutText } from '../cell-values.js';
import type { Columns, Field } from './columns.js';

export const MAX_LINE = 255;

export class RowCells {
  constructor(
    private readonly columns: Columns,
    private readonly cells: readonly string[],
    private readonly report: (column: string | undefined, code: string, text: string) => void,
  ) {}

  /** Reports a problem under the header as it stands in the file. */
  complain(column: Field | number | undefined, code: string, text: string): void {
    const index = typeof column === 'string' ? this.columns.byField.get(column) : column;
    this.report(index === undefined ? undefined : this.columns.headers[index], code, text);
  }

  has(field: Field): boolean {
    return this.columns.byField.has(field);
  }

  cell(index: number | undefined): string {
    return index === undefined ? '' : cleanText(this.cells[index] ?? '');
  }

  raw(field: Field): string {
    return this.cell(this.columns.byField.get(field));
  }

  /** One line of text; '' when the cell is empty, undefined when there is no such column. Cut to `max` characters. */
  text(field: Field, max = MAX_LINE): string | undefined {
    if (!this.has(field)) return undefined;
    const text = cleanLine(this.raw(field));
    if (text.length <= max) return text;
    this.complain(field, 'too_long', `has ${text.length} characters; the first ${max} were taken`);
    return cutText(text, max).trimEnd();
  }

  /** The text, undefined also when it is empty. */
  given(field: Field): string | undefined {
    return this.text(field) || undefined;
  }

  /** The text, null when it is empty. */
  orNull(field: Field, max = MAX_LINE): string | null | undefined {
    const text = this.text(field, max);
    return text === '' ? null : text;
  }

  /** The parsed cell: `empty` when it is empty, undefined and reported when it cannot be read. */
  value<T, E>(field: Field, parse: (text: string) => T | undefined, empty: E, expected: string): T | E | undefined {
    if (!this.has(field)) return undefined;
    const text = this.raw(field);
    if (text === '') return empty;
    const value = parse(text);
    if (value === undefined) this.complain(field, 'bad_value', `"${text.slice(0, 40)}" is not ${expected}`);
    return value;
  }
}
