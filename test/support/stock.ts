import { eventually } from './eventually.js';
import type { Shop } from './shop.js';

/** A shop as its clients see it. */
type ShopClients = Pick<Shop, 'http' | 'admin'>;

export interface StockedVariant {
  readonly handle: string;
  readonly sku: string;
  readonly variantId: string;
}

export interface Stocking {
  readonly handle: string;
  readonly onHand: number;
  readonly priceUsd?: string;
}

/** Puts products of one variant each into the shop, through the CSV import. */
export async function stockProducts(shop: ShopClients, products: readonly Stocking[]): Promise<StockedVariant[]> {
  const rows = products.map(
    ({ handle, onHand, priceUsd = '19.99' }) =>
      `${handle},Title of ${handle},SKU-${handle},${onHand},deny,${priceUsd},true`,
  );
  const csv = [
    'Handle,Title,Variant SKU,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Published',
    ...rows,
  ].join('\n');
  await importCsv(shop, csv);
  return Promise.all(
    products.map(async ({ handle }) => {
      const { body } = await shop.http.get<{ variants: { id: string; sku: string }[] }>(`/v1/products/${handle}`);
      const variant = body.variants[0]!;
      return { handle, sku: variant.sku, variantId: variant.id };
    }),
  );
}

export interface ImportJob {
  readonly id: string;
  readonly state: string;
}

/** Imports a CSV text through the API and waits until it is done. */
export async function importCsv<Job extends ImportJob>(shop: ShopClients, csv: string): Promise<Job> {
  const started = await shop.admin.post<ImportJob>('/v1/admin/imports', Buffer.from(csv), {
    headers: { 'content-type': 'text/csv' },
  });
  if (started.status !== 202) throw new Error(`The import was not taken: ${JSON.stringify(started.body)}`);
  return eventually(async () => {
    const { body } = await shop.admin.get<Job>(`/v1/admin/imports/${started.body.id}`);
    if (body.state !== 'done') throw new Error(`The import is ${body.state}: ${JSON.stringify(body)}`);
    return body;
  }, 30_000);
}
