import type { Database } from '../../platform/database/database.js';
import { deadLetters } from './write-behind.schema.js';

/** A document that could not be folded. */
export interface DeadLetter {
  readonly kind: string;
  readonly id: string;
  readonly version: number;
  /** The document as it was in the stream, whether it is JSON or not. */
  readonly text: string;
  readonly error: string;
}

const MAX_ERROR = 1_000;

export class DeadLettersRepository {
  constructor(private readonly database: Database) {}

  async add(letter: DeadLetter): Promise<void> {
    await this.database.orm.insert(deadLetters).values({
      kind: storable(letter.kind),
      documentId: storable(letter.id),
      version: letter.version,
      document: toJsonb(letter.text),
      error: storable(letter.error).slice(0, MAX_ERROR),
    });
  }
}

/** PostgreSQL takes neither NUL nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** The document itself, or where jsonb cannot hold it, its text in base64. */
function toJsonb(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const json = JSON.stringify(value);
    if (!json.includes('\\u0000') && !/\\ud[89a-f]/i.test(json)) return value;
  } catch {
    // Kept as text.
  }
  return { base64: Buffer.from(text).toString('base64') };
}
