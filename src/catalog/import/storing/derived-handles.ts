// Handles that a file does not give as they are: made of a title, or of text that can be none. Such a handle names a new
// product and never changes one that is there: for that the file must give the handle itself.
import type { ProductRow } from '../../products/product.repository.js';
import type { ParsedProduct } from '../reading/parsed-product.js';
import { type BatchResult, leftOut } from './batch-result.js';

/** By handle. */
export type NamedProducts = ReadonlyMap<string, ParsedProduct>;

export const namedIn = (batch: readonly ParsedProduct[]): NamedProducts =>
  new Map(batch.filter(({ derived }) => !derived).map((product) => [product.handle, product]));

/** Rows of a product made earlier, in another batch, are left out when more were made than this. */
const MOST_REMEMBERED = 50_000;

export class DerivedHandles {
  /** Of products that this import makes: more rows of them may follow. */
  private readonly own = new Set<string>();
  /** Of the transaction that is under way. */
  private made: string[] = [];

  clear(): void {
    this.own.clear();
  }

  /** What the transaction has made is this import's own. */
  committed(): void {
    for (const handle of this.made) if (this.own.size < MOST_REMEMBERED) this.own.add(handle);
  }

  /**
   * @param named the products that the file names, of all that were to be stored together
   * @returns the batch without what would change a product that it does not name; that is in the result
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
