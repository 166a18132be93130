// What a started shop says on the terminal: where it is, and a few lines that buy something.
import type { INestApplication } from '@nestjs/common';
import { CatalogService } from './catalog/index.js';
import { InventoryService } from './inventory/index.js';
import { CONFIG, type Config } from './platform/config.js';

const EXAMPLES = 100;

/** Prints the addresses of the shop and a first purchase to copy. */
export async function printWelcome(app: INestApplication, url: string): Promise<void> {
  const config = app.get<Config>(CONFIG, { strict: false });
  if (config.ROLE === 'worker') return void process.stdout.write(`\nThe worker runs. Health: ${url}/health\n\n`);
  const variantId = await variantInStock(app);
  const lines = [
    '',
    `The shop is open at ${url}`,
    `  API documentation  ${url}/docs`,
    `  Health             ${url}/health`,
  ];
  // The examples pay with the test provider, which production does not have.
  if (variantId && config.NODE_ENV !== 'production')
    lines.push('', 'Buy something:', ...purchase(url, variantId).map((line) => `  ${line}`));
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

async function variantInStock(app: INestApplication): Promise<string | undefined> {
  const some = await app.get(CatalogService, { strict: false }).someVariantIds(EXAMPLES);
  const stock = await app.get(InventoryService, { strict: false }).availability(some);
  return stock.find(({ available }) => available === null || available > 0)?.variantId;
}

function purchase(url: string, variantId: string): string[] {
  const json = "-H 'content-type: application/json'";
  // An answer without the field says why, so it is shown, and the next command is not run.
  const pick = String.raw`pick() { answer=$(cat); printf '%s' "$answer" | grep -o "\"$1\":\"[^\"]*" | head -1 | cut -d'"' -f4 | grep . || { printf '%s\n' "$answer" >&2; return 1; }; }`;
  return [
    pick,
    `CART=$(curl -sS ${url}/v1/carts ${json} -d '{"lines":[{"variantId":"${variantId}","quantity":1}]}' | pick id) &&`,
    `CHECKOUT=$(curl -sS ${url}/v1/checkouts ${json} -d '{"cartId":"'$CART'","email":"ada@example.com"}' | pick id) &&`,
    `curl -sS ${url}/v1/checkouts/$CHECKOUT/complete ${json} -H "Idempotency-Key: $CHECKOUT" -d '{"payment":{"provider":"test","token":"tok_ok"}}'`,
  ];
}
