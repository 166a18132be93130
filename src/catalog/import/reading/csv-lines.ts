// Lines and their ends in the bytes of a CSV file: `\n`, `\r\n` or `\r`.

const LF = 0x0a;
export const CR = 0x0d;
export const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? bytes.subarray(BYTE_ORDER_MARK.length)
    : bytes;
}

/** What follows the first line break; undefined when there is none. */
export function afterLine(bytes: Buffer): Buffer | undefined {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === LF) return bytes.subarray(at + 1);
    if (bytes[at] === CR) return bytes.subarray(bytes[at + 1] === LF ? at + 2 : at + 1);
  }
  return undefined;
}

export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) lines += 1;
  }
  return lines;
}

/** How many empty lines come before the record. */
export function leadingBlankLines(bytes: Buffer): number {
  let end = 0;
  while (bytes[end] === LF || bytes[end] === CR) end += 1;
  return countLines(bytes.subarray(0, end));
}

export function dropLines(bytes: Buffer, lines: number): Buffer {
  let rest = bytes;
  for (let dropped = 0; dropped < lines; dropped++) rest = afterLine(rest) ?? rest;
  return rest;
}
