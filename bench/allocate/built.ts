// The parts of the compiled application that this suite calls.
const built = <T>(file: string): Promise<T> => import(new URL(`../../dist/${file}`, import.meta.url).href);

export const { createApp } = await built<typeof import('../../src/create-app.js')>('create-app.js');
export const { loadConfig } =
  await built<typeof import('../../src/platform/load-config.js')>('platform/load-config.js');
export const { Database } = await built<typeof import('../../src/platform/database/database.js')>(
  'platform/database/database.js',
);
export const { newId, newSecretId } = await built<typeof import('../../src/platform/ids.js')>('platform/ids.js');
export const { MicroBatch } =
  await built<typeof import('../../src/platform/micro-batch.js')>('platform/micro-batch.js');
export const { together } = await built<typeof import('../../src/platform/database/together.js')>(
  'platform/database/together.js',
);
export const { appendToOutbox } =
  await built<typeof import('../../src/platform/outbox/outbox.js')>('platform/outbox/outbox.js');
export const { CatalogService } = await built<typeof import('../../src/catalog/index.js')>('catalog/index.js');
export const { InventoryService } = await built<typeof import('../../src/inventory/index.js')>('inventory/index.js');
export const { OrdersRepository } = await built<typeof import('../../src/checkout/orders/orders.repository.js')>(
  'checkout/orders/orders.repository.js',
);
export const { PlaceOrder } = await built<typeof import('../../src/checkout/placing/place-order.js')>(
  'checkout/placing/place-order.js',
);
export const { quoteLines } = await built<typeof import('../../src/checkout/session/quote-lines.js')>(
  'checkout/session/quote-lines.js',
);
