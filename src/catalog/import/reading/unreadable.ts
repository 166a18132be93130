// Reports on lines that are no records and files that are no product lists. Bytes that are not text are not repeated.
import type { ReportBuilder } from '../import-report.js';
import type { Columns } from './columns.js';
import type { CsvRecord, CsvRow } from './csv-reader.js';

type MalformedLine = Extract<CsvRecord, { kind: 'malformed' }>;

const SHOWN = 60;
const NO_TEXT = /\uFFFD|(?![\t\n\r])\p{Cc}/u;

/** Reports a line that was left out. @returns false when it is no text and no header came yet: the file is no text */
export function tellMalformed({ line, text }: MalformedLine, hasHeader: boolean, report: ReportBuilder): boolean {
  const start = text.slice(0, SHOWN);
  const isText = !NO_TEXT.test(start);
  if (!isText && !hasHeader) {
    tellNoText(line, report);
    return false;
  }
  report.rows += 1;
  report.skipped += 1;
  const shown = isText ? `: ${start}${text.length > SHOWN ? '…' : ''}` : '';
  const said = `the quotes of this line do not fit; it was left out${shown}`;
  report.add({ line, handle: null, code: 'malformed_quotes', text: said });
  return true;
}

/** Reports the columns that are not read. @returns false when none of them tells which product a row belongs to */
export function tellColumns(columns: Columns, { line, cells }: CsvRow, report: ReportBuilder): boolean {
  const header = cells.join(',');
  const found = columns.byField.has('handle') || columns.byField.has('title');
  if (header.includes('\0') || (!found && NO_TEXT.test(header))) {
    tellNoText(line, report);
    return false;
  }
  report.setUnknownColumns(columns.unknown);
  if (found) return true;
  const hint = header.includes(';')
    ? 'Its columns seem to be separated by semicolons; save it with commas.'
    : 'The first row must be the header of a product export.';
  const text = `there is no Handle or Title column. ${hint}`;
  report.addUnusable({ line, handle: null, code: 'unknown_format', text });
  return false;
}

function tellNoText(line: number, report: ReportBuilder): void {
  const text = 'the file is not text in UTF-8, so no column can be found in it. Save it as "CSV UTF-8".';
  report.addUnusable({ line, handle: null, code: 'unknown_format', text });
}
