// Reads CSV records from a stream with csv-parse and adds what dirty files need: the true line of every record (also
// after line breaks inside quotes), and recovery. A record with broken quotes ends the parser. Its first line is tried
// alone with relaxed quotes and reported if that fails; a new parser goes on with the next line. So a stray quote costs
// its own line, not the rest of the file. Each record tells whether its bytes are UTF-8: a U+FFFD that the file really has
// is no damage. Memory: one record of at most MAX_RECORD_BYTES and one chunk.
import { isUtf8 } from 'node:buffer';
import { parse as parseSync } from 'csv-parse/sync';
import { CSV_FORMAT, CsvAttempt, MAX_RECORD_BYTES, type Parsed, SLICE_BYTES } from './csv-attempt.js';
import { afterLine, BYTE_ORDER_MARK, CR, countLines, dropLines, leadingBlankLines, withoutMark } from './csv-lines.js';

export type CsvRecord =
  /** When its bytes are not UTF-8, letters of its cells are lost. */
  | { readonly kind: 'row'; readonly line: number; readonly cells: string[]; readonly isUtf8: boolean }
  | { readonly kind: 'malformed'; readonly line: number; readonly text: string };

export type CsvRow = Extract<CsvRecord, { kind: 'row' }>;

const CARRIAGE_RETURN = Buffer.from([CR]);

/** The records of the stream in order, malformed ones included. */
export async function* readCsv(source: AsyncIterable<Buffer | string>): AsyncGenerator<CsvRecord> {
  const reader = new Reader();
  for await (const chunk of source) {
    yield* reader.take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }
  yield* reader.finish();
}

class Reader {
  /** Bytes not yet part of a record that was given out. */
  private pending: Buffer = Buffer.alloc(0);
  /** Line of the first pending byte. */
  private line = 1;
  private columns: number | undefined;
  /** The first bytes, until there are enough of them to tell a byte order mark. */
  private head: Buffer | undefined = Buffer.alloc(0);
  /** The last chunk ended with `\r`: it waits for the next one, since it may be half of a line end. */
  private splitCr = false;
  /** A line too long to keep is being passed over. */
  private skipping = false;
  private attempt = new CsvAttempt(SLICE_BYTES.first);

  async *take(chunk: Buffer): AsyncGenerator<CsvRecord> {
    const whole = this.splitCr ? Buffer.concat([CARRIAGE_RETURN, chunk]) : chunk;
    this.splitCr = whole.at(-1) === CR;
    if (whole.length > (this.splitCr ? 1 : 0))
      yield* this.takeWholeLineEnds(this.splitCr ? whole.subarray(0, -1) : whole);
  }

  private async *takeWholeLineEnds(chunk: Buffer): AsyncGenerator<CsvRecord> {
    let bytes = chunk;
    if (this.head) {
      // A byte order mark is no part of the first header.
      this.head = Buffer.concat([this.head, chunk]);
      if (this.head.length < BYTE_ORDER_MARK.length) return;
      bytes = withoutMark(this.head);
      this.head = undefined;
    }
    if (this.skipping) {
      const rest = afterLine(bytes);
      if (!rest) return;
      this.line += 1;
      this.skipping = false;
      bytes = rest;
    }
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    yield* this.use(await this.attempt.write(bytes));
    while (this.attempt.failed) yield* this.recover(false);
  }

  async *finish(): AsyncGenerator<CsvRecord> {
    if (this.splitCr) yield* this.takeWholeLineEnds(CARRIAGE_RETURN);
    if (this.head) {
      this.pending = this.head;
      if (this.head.length > 0) yield* this.use(await this.attempt.write(this.head));
    }
    yield* this.use(await this.attempt.end());
    while (this.attempt.failed) yield* this.recover(true);
  }

  private *use(records: readonly Parsed[]): Generator<CsvRecord> {
    let used = 0;
    for (const { cells, end } of records) {
      const raw = this.pending.subarray(used, end - this.attempt.consumed + used);
      const blank = leadingBlankLines(raw);
      this.columns ??= cells.length;
      yield { kind: 'row', line: this.line + blank, cells, isUtf8: isUtf8(raw) };
      this.line += countLines(raw);
      used += raw.length;
      this.attempt.consumed = end;
    }
    this.pending = this.pending.subarray(used);
  }

  /** Gives up the first pending line, or reads it with relaxed quotes, and parses what follows anew. */
  private async *recover(atEnd: boolean): AsyncGenerator<CsvRecord> {
    const blank = leadingBlankLines(this.pending);
    const bytes = dropLines(this.pending, blank);
    this.line += blank;
    const rest = afterLine(bytes);
    const text = bytes.subarray(0, rest ? bytes.length - rest.length : Math.min(bytes.length, MAX_RECORD_BYTES));
    const cells = this.relaxed(text);
    if (cells) yield { kind: 'row', line: this.line, cells, isUtf8: isUtf8(text) };
    else yield { kind: 'malformed', line: this.line, text: text.subarray(0, 200).toString('utf8').trimEnd() };
    if (rest) this.line += 1;
    this.skipping = !rest && !atEnd;
    this.pending = rest ?? Buffer.alloc(0);
    this.attempt = new CsvAttempt(SLICE_BYTES.afterFailure);
    if (this.pending.length > 0) yield* this.use(await this.attempt.write(this.pending));
    if (atEnd && !this.attempt.failed) yield* this.use(await this.attempt.end());
  }

  /** The cells of a single line with quotes in odd places, when they are as many as the header has. */
  private relaxed(text: Buffer): string[] | undefined {
    try {
      const [cells] = parseSync(text, { ...CSV_FORMAT, relax_quotes: true });
      return cells && cells.length === this.columns ? cells : undefined;
    } catch {
      return undefined;
    }
  }
}
