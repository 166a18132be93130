import { randomUUID, randomUUIDv7 } from 'node:crypto';

/** Id of a row: UUID version 7 (RFC 9562), so that rows made together stand together in an index. */
export const newId = (): string => randomUUIDv7();

/** Id that is itself the key to what it names (carts, checkouts): UUID version 4, 122 random bits. */
export const newSecretId = (): string => randomUUID();

/** Sorts before every id: what follows it is the first page. */
export const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

const UUID_LENGTH = 36;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Whether the text is an id as PostgreSQL writes it: a UUID of any version, in small letters. */
export const isUuid = (text: string): boolean => text.length === UUID_LENGTH && UUID.test(text);
