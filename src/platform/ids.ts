import { randomUUID, randomUUIDv7 } from 'node:crypto';

/** Id of a row: UUID version 7 (RFC 9562), so that rows made together stand together in an index. */
export const newId = (): string => randomUUIDv7();

/** Id that is itself the key to what it names (carts, checkouts): UUID version 4, 122 random bits. */
export const newSecretId = (): string => randomUUID();
