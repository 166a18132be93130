// One run of csv-parse, which ends at the first record that it cannot read and keeps what came before it.
import { setImmediate } from 'node:timers/promises';
import { type Options, Parser } from 'csv-parse';

export const MAX_RECORD_BYTES = 1_000_000;
/** Parsing is wasted on what follows an unreadable record, so after one the parser is fed in small, growing slices. */
export const SLICE_BYTES = { first: 65_536, afterFailure: 256 };

export const CSV_FORMAT: Options = {
  columns: false,
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ['\r\n', '\n', '\r'],
};

export interface Parsed {
  readonly cells: string[];
  /** Where the record ends, in bytes since the parser began. */
  readonly end: number;
}

/** One run of the parser: to the end of the stream or to the first record that it cannot read. */
export class CsvAttempt {
  failed = false;
  /** End of the last record given out, in bytes since this parser began. */
  consumed = 0;
  private records: Parsed[] = [];
  private written = false;
  private readonly parser: Parser;

  constructor(private sliceBytes: number) {
    this.parser = new Parser({
      ...CSV_FORMAT,
      max_record_size: MAX_RECORD_BYTES,
      // Errors are skipped, not thrown: an error would end the stream and lose the good records before it.
      skip_records_with_error: true,
      on_skip: () => {
        this.failed = true;
        return undefined;
      },
      on_record: (cells, { bytes }: { bytes: number }) => {
        if (!this.failed) this.records.push({ cells, end: bytes });
        return null;
      },
    });
    this.parser.resume();
  }

  async write(bytes: Buffer): Promise<readonly Parsed[]> {
    this.written = true;
    for (let at = 0; at < bytes.length && !this.failed; ) {
      const slice = bytes.subarray(at, at + this.sliceBytes);
      await new Promise<void>((resolve, reject) => {
        this.parser.write(slice, (error) => (error ? reject(error) : resolve()));
      });
      at += slice.length;
      this.sliceBytes = Math.min(this.sliceBytes * 2, SLICE_BYTES.first);
    }
    // A file full of stray quotes must not block the process.
    await setImmediate();
    return this.drain();
  }

  async end(): Promise<readonly Parsed[]> {
    if (this.failed || !this.written) return [];
    await new Promise<void>((resolve, reject) => {
      this.parser.once('error', reject).once('end', resolve).end();
    });
    return this.drain();
  }

  private drain(): readonly Parsed[] {
    const drained = this.records;
    this.records = [];
    return drained;
  }
}
