// What is not HTTP never becomes a request: nothing is routed, and the answer is written to the connection itself.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../errors.js';
import { newId } from '../ids.js';
import { toProblem } from './problem.js';

/** How long a client has to read the answer: closed at once, what it still sends would reset the connection first. */
const READ_MS = 1_000;

/** Answers what Node's parser could not read with a problem document, and ends the connection. */
export function answerClientError(error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const id = newId();
  const { status, headers, body } = toProblem(toAppError(error), id);
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  const lines = Object.entries({ ...headers, 'x-request-id': id, 'content-length': length, connection: 'close' });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n');
  socket.end(`${head}\r\n\r\n${text}`);
  // A client may never close its own side.
  const timer = setTimeout(() => socket.destroy(), READ_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}

function toAppError(error: Error): AppError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('headers_too_large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('request_timeout');
  return new AppError('malformed_request');
}
