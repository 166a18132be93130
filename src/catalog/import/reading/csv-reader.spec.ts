import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toCsvLine } from '../../sample/generate-catalog.js';
import { type CsvRecord, readCsv } from './csv-reader.js';

/** Reads a text in chunks of so many bytes. */
async function read(text: string | Buffer, chunkBytes = 64_000): Promise<CsvRecord[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const records: CsvRecord[] = [];
  for await (const record of readCsv(chunks())) records.push(record);
  return records;
}

const short = (records: CsvRecord[]) =>
  records.map((record) => (record.kind === 'row' ? [record.line, ...record.cells] : [record.line, 'malformed']));

describe('readCsv', () => {
  it('tells the line on which a record begins, whatever the line ends and the breaks inside quotes', async () => {
    const text = '\uFEFFa,b\r\n1,"x\r\ny"\r\n\r\n2,z\n3,"p\nq"\r4,"last"';
    for (const chunkBytes of [1, 2, 3, 7, 64_000]) {
      expect(short(await read(text, chunkBytes))).toEqual([
        [1, 'a', 'b'],
        [2, '1', 'x\r\ny'],
        [5, '2', 'z'],
        [6, '3', 'p\nq'],
        [8, '4', 'last'],
      ]);
    }
  });

  it('loses one line to a quote that does not close, not the rest of the file', async () => {
    const text = 'a,b\n1,2\n3,"open\n4,5\n6,"fine"\n7,8\n';
    for (const chunkBytes of [1, 5, 64_000]) {
      expect(short(await read(text, chunkBytes))).toEqual([
        [1, 'a', 'b'],
        [2, '1', '2'],
        [3, 'malformed'],
        [4, '4', '5'],
        [5, '6', 'fine'],
        [6, '7', '8'],
      ]);
    }
  });

  it('keeps what came before a quote that is open at the end of the file', async () => {
    expect(short(await read('a,b\n1,2\n3,"open'))).toEqual([
      [1, 'a', 'b'],
      [2, '1', '2'],
      [3, 'malformed'],
    ]);
  });

  it('reads quotes in odd places when the line has as many cells as the header', async () => {
    expect(short(await read('a,b\n12" pan,2\n3,"said" he\n4,x "y", z\n5,6\n'))).toEqual([
      [1, 'a', 'b'],
      [2, '12" pan', '2'],
      [3, '3', '"said" he'],
      [4, 'malformed'],
      [5, '5', '6'],
    ]);
  });

  it('passes over a line longer than any record may be', async () => {
    const text = `a,b\n1,"${'x'.repeat(3_000_000)}\n2,3\n`;
    expect(short(await read(text))).toEqual([
      [1, 'a', 'b'],
      [2, 'malformed'],
      [3, '2', '3'],
    ]);
  });

  it('ends with one problem for each bad line, however many there are', async () => {
    const text = `a,b\n${'1,"x\n'.repeat(500)}`;
    const records = await read(text, 100);
    expect(records.length).toBeLessThanOrEqual(501);
    expect(records.at(0)).toMatchObject({ kind: 'row', line: 1 });
  });

  it('gives back what was written, in any chunks', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '"', ',', '\n', '\r', ' ', '€', '😀') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, chunkBytes) => {
          const written = [['head', 'er'], ...rows];
          const records = await read(written.map(toCsvLine).join(''), chunkBytes);
          expect(records.map((record) => (record.kind === 'row' ? record.cells : record))).toEqual(written);
        },
      ),
    );
  });

  it('parses what follows a bad line a bounded number of times, and lets the process breathe', async () => {
    const lines = 4_000;
    let turns = 0;
    const breathing = setInterval(() => {
      turns += 1;
    });
    const records = await read(`a,b\n${'rack,19" with shelves\n'.repeat(lines)}`, 65_536);
    clearInterval(breathing);
    expect(records).toHaveLength(lines + 1);
    expect(turns).toBeGreaterThan(10);
  });

  it('tells which records are not UTF-8, in any chunks, and does not take a real U+FFFD for one', async () => {
    const latin = Buffer.from('c,W\xfcste\nd,5" \xe9\n', 'latin1');
    const text = Buffer.concat([Buffer.from('\uFEFFa,b\n1,Wüste\n2,\uFFFD\n'), latin, Buffer.from('3,😀')]);
    for (const chunkBytes of [1, 3, 64_000]) {
      const records = await read(text, chunkBytes);
      const damaged = records.filter((record) => record.kind === 'row' && !record.isUtf8);
      expect([records.length, ...damaged.map(({ line }) => line)]).toEqual([6, 4, 5]);
    }
  });

  it('counts a line end once although it came in two chunks', async () => {
    for (const chunkBytes of [1, 2, 3, 5]) {
      const lines = (await read('a"aa\r\na,b\r\n"x"y\r\nc,d\r\n', chunkBytes)).map((record) => record.line);
      expect(lines).toEqual([1, 2, 3, 4]);
    }
  });

  it('never throws and never loses its way on any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '\0'), maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        async (text, chunkBytes) => {
          const lines = (await read(text, chunkBytes)).map((record) => record.line);
          expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
          expect(lines.at(-1) ?? 0).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
        },
      ),
    );
  });
});
