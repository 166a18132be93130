import { pgFailure } from '../../../platform/database/database.js';
import type { ImportProblem } from '../import-report.js';
import type { ParsedProduct } from '../reading/parsed-product.js';
import type { NextProduct, NextVariant } from './product-merge.js';

type Where = Pick<ImportProblem, 'line' | 'handle'>;

/** What became of a batch. */
export interface BatchResult {
  readonly products: { created: number; updated: number; unchanged: number };
  variants: number;
  images: number;
  skippedRows: number;
  readonly problems: ImportProblem[];
  /** Where the first new variant without a price stands. */
  unpriced: Where | undefined;
  /** New variants for which the file gives neither a quantity nor a tracker: how many, and where the first stands. */
  readonly uncounted: { count: number; first: Where | undefined };
}

export function emptyResult(): BatchResult {
  return {
    products: { created: 0, updated: 0, unchanged: 0 },
    variants: 0,
    images: 0,
    skippedRows: 0,
    problems: [],
    unpriced: undefined,
    uncounted: { count: 0, first: undefined },
  };
}

/** How many rows were left out with a product: text for a problem. */
export function leftOut({ rows }: ParsedProduct): string {
  return rows === 1 ? 'its row was left out' : `${rows} rows were left out`;
}

/** A product whose rows stand apart is counted once. @param again it was met before in this file */
export function countIn(result: BatchResult, product: NextProduct, changed: boolean, again: boolean): void {
  const { parsed, stored, variants } = product;
  if (!again) result.products[!stored ? 'created' : changed ? 'updated' : 'unchanged'] += 1;
  result.variants += variants.filter((variant) => variant.parsed).length;
  result.images += parsed.images?.length ?? 0;
  result.unpriced ??= newOnes(product, ({ state }) => Object.keys(state.prices).length === 0)[0];
  const uncounted = newOnes(product, (one) => !one.parsed?.stock.tracked);
  result.uncounted.count += uncounted.length;
  result.uncounted.first ??= uncounted[0];
}

function newOnes({ parsed: { handle }, variants }: NextProduct, are: (variant: NextVariant) => boolean): Where[] {
  return variants.flatMap((one) => (one.parsed && !one.stored && are(one) ? { line: one.parsed.line, handle } : []));
}

/** The result for a product that PostgreSQL refuses. */
export function refused(product: ParsedProduct, error: unknown): BatchResult {
  const failure = pgFailure(error);
  const reason = [failure?.code, failure?.constraint].filter(Boolean).join(', ');
  return {
    ...emptyResult(),
    skippedRows: product.rows,
    problems: [
      {
        line: product.line,
        handle: product.handle,
        code: 'not_stored',
        text: `the product could not be stored (PostgreSQL: ${reason})`,
      },
    ],
  };
}
