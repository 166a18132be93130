// The one file of a multipart form (RFC 7578), as a stream. Forms are parsed only here: a parser for all routes of the
// shop would cost each of them.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { AppError, invalidField } from '../../platform/errors.js';

export interface FormFile {
  readonly stream: Readable;
  readonly filename: string;
}

const limits = { files: 1, fields: 10, fieldSize: 1_024, parts: 11, headerPairs: 50 };

/** @throws AppError `validation_failed` when there is no file named "file", `malformed_body` when it is not a form */
export function fileOfForm(body: Readable, headers: IncomingHttpHeaders): Promise<FormFile> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown) =>
      reject(new AppError('malformed_body', { detail: 'The form cannot be read.', cause }));
    let form: BusboyInstance;
    try {
      form = new Busboy({ headers: headers as BusboyHeaders, limits });
    } catch (error) {
      refuse(error);
      return;
    }
    form.on('file', (field, stream, filename) => {
      // A client that goes away in the middle of the file ends the body, not the form.
      body.once('error', (error) => stream.destroy(error));
      if (field === 'file') return resolve({ stream, filename: filename ?? '' });
      stream.resume();
      reject(invalidField(field.slice(0, 100), 'unknown_field', 'send the file as "file"'));
    });
    form.on('error', refuse);
    form.on('finish', () => reject(invalidField('file', 'required', 'the form has no file')));
    body.once('error', refuse);
    body.pipe(form);
  });
}
