import { customType } from 'drizzle-orm/pg-core';

/** A column of raw bytes, such as a hash. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
