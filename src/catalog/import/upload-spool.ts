// Uploads are written to a temporary file first: the client is answered when its file is here, whatever the import
// does later, and a slow client keeps no transaction open.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../platform/errors.js';

export interface SpooledUpload {
  readonly bytes: number;
  /** The upload, once. From here on the file has no name, so nothing stays behind when this process is killed. */
  read(): Readable;
  remove(): Promise<void>;
}

/** @throws AppError `payload_too_large`, or `malformed_body` when the upload is empty or breaks off */
export async function spoolUpload(upload: Readable, limitBytes: number): Promise<SpooledUpload> {
  const path = join(tmpdir(), `tiershop-import-${randomUUID()}.csv`);
  const remove = () => rm(path, { force: true });
  let bytes = 0;
  try {
    await pipeline(
      upload,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > limitBytes) throw tooLarge(limitBytes);
          yield chunk;
        }
      },
      createWriteStream(path, { mode: 0o600 }),
    );
  } catch (error) {
    await remove();
    if (error instanceof AppError) throw error;
    throw new AppError('malformed_body', { detail: 'The upload broke off.', cause: error });
  }
  if (bytes === 0) {
    await remove();
    throw new AppError('malformed_body', { detail: 'The file is empty.' });
  }
  const read = () => createReadStream(path).once('open', () => void remove().catch(() => {}));
  return { bytes, read, remove };
}

export function tooLarge(limitBytes: number): AppError {
  return new AppError('payload_too_large', { detail: `A file may have at most ${limitBytes} bytes.` });
}
