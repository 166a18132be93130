// Handles made from a title, or from text that is not a valid handle. Such a handle may name a new product but never
// changes an existing one: for that the file must give the handle itself.
import type { ProductRow } from '../../products/product.repository.js';
import type { ParsedProduct } from '../reading/parsed-product.js';
import { type BatchResult, leftOut } from './batch-result.js';

/** By handle. */
export type NamedProducts = ReadonlyMap<string, ParsedProduct>;

export const namedIn = (batch: readonly ParsedProduct[]): NamedProducts =>
  new Map(batch.filter(({ derived }) => !derived).map((product) => [product.handle, product]));

/** Of products beyond this, rows that come in a later batch are left out. */
const MOST_REMEMBERED = 50_000;

export class DerivedHandles {
  /** Of products that this import made: more rows of them may follow. */
  private readonly own = new Set<string>();
  /** Of the current transaction. */
  private made: string[] = [];

  clear(): void {
    this.own.clear();
  }

  /** Counts the transaction's new products as this import's own. */
  committed(): void {
    for (const handle of this.made) if (this.own.size < MOST_REMEMBERED) this.own.add(handle);
  }

  /**
   * @param named the products of the whole batch whose handle the file gives
   * @returns the batch without rows whose derived handle another product has; the result reports them
   */
  leaveOut(
    batch: readonly ParsedProduct[],
    named: NamedProducts,
    stored: ReadonlyMap<string, ProductRow>,
    result: BatchResult,
  ): ParsedProduct[] {
    this.made = [];
    return batch.filter((product) => {
      const { handle, line, derived, rows } = product;
      if (!derived) return true;
      const inFile = named.get(handle);
      const inShop = this.own.has(handle) ? undefined : stored.get(handle);
      if (!inFile && !inShop) {
        this.made.push(handle);
        return true;
      }
      const title = inShop?.title ?? inFile?.fields?.title ?? handle;
      const text = `the file does not give the handle "${handle}" here, and the product "${title.slice(0, 60)}" has it; ${leftOut(product)}. Give this handle to change that product, or another one for a new product`;
      result.problems.push({ line, handle, code: 'handle_taken', text });
      result.skippedRows += rows;
      return false;
    });
  }
}
