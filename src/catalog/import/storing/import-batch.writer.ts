// Stores a batch of parsed products in one transaction, with their stock, and voids what caches have of them.
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { ChangedTags } from '../../../cache/index.js';
import { Database, isDatabaseDown, pgFailure, type Tx } from '../../../platform/database/database.js';
import { newId } from '../../../platform/ids.js';
import { OutboxRelay } from '../../../platform/outbox/outbox-relay.js';
import { StockIntake } from '../../../platform/stock-intake.js';
import { CatalogCache } from '../../catalog-cache.js';
import type { CatalogDependencies } from '../../catalog-dependencies.js';
import type { ProductRow } from '../../products/product.repository.js';
import { toHandle } from '../cell-values.js';
import type { ImportProblem } from '../import-report.js';
import type { ParsedProduct, ParsedVariant } from '../reading/parsed-product.js';
import { AwaitingVariants } from './awaiting-variants.js';
import { type BatchResult, countIn, emptyResult, leftOut, refused } from './batch-result.js';
import { DerivedHandles, type NamedProducts, namedIn } from './derived-handles.js';
import { ImportBatchRepository } from './import-batch.repository.js';
import { mergeProduct, type NextProduct } from './product-merge.js';
import { collectWrites, noWrites } from './product-writes.js';
import { assignSkus } from './sku-assignment.js';
import { stockRows } from './stock-rows.js';

const FIRST_ANALYZE = 400;
const ANALYZE_GROWTH = 4;
const RETRY_PAUSES_MS = [100, 400, 1_000];

type Changes = ChangedTags<CatalogDependencies>;

interface Collections {
  readonly ids: ReadonlyMap<string, string>;
  readonly created: readonly string[];
}

@Injectable()
export class ImportBatchWriter {
  private created = 0;
  private analyzeAt = FIRST_ANALYZE;
  private readonly awaiting = new AwaitingVariants();
  private readonly derivedHandles = new DerivedHandles();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ImportBatchRepository) private readonly repository: ImportBatchRepository,
    @Inject(StockIntake) private readonly stock: StockIntake,
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(OutboxRelay) private readonly outbox: OutboxRelay,
  ) {}

  /** Forgets which products an earlier import had met. */
  async begin(): Promise<void> {
    this.created = 0;
    this.analyzeAt = FIRST_ANALYZE;
    this.awaiting.clear();
    this.derivedHandles.clear();
    await this.database.transaction((tx) => this.repository.clearSeen(tx));
  }

  /**
   * Stores the batch; if PostgreSQL refuses it, each product alone, so that one cannot fail the others.
   * Each result is given out at once: a product that ends the import must not hide those before it.
   * @throws PostgreSQL's error when it is down, or still too busy for a product after all retries
   */
  async *store(batch: readonly ParsedProduct[]): AsyncGenerator<BatchResult> {
    const named = namedIn(batch);
    let together: BatchResult | undefined;
    try {
      together = await this.storeTogether(batch, named);
    } catch (error) {
      if (pgFailure(error) === undefined) throw error;
    }
    if (together) yield together;
    else for (const product of batch) yield await this.storeSingly(product, named);
  }

  /** A deadlock or a statement timeout of a busy PostgreSQL is not the product's fault: it is tried again. */
  private async storeSingly(product: ParsedProduct, named: NamedProducts): Promise<BatchResult> {
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.storeTogether([product], named);
      } catch (error) {
        if (pgFailure(error) === undefined) throw error;
        if (!isDatabaseDown(error)) return refused(product, error);
        const pauseMs = RETRY_PAUSES_MS[retries];
        if (pauseMs === undefined) throw error;
        await pause(pauseMs);
      }
    }
  }

  private async storeTogether(batch: readonly ParsedProduct[], named: NamedProducts): Promise<BatchResult> {
    const changes = this.cache.dependencies.changes();
    const result = await this.database.transaction((tx) => this.storeIn(tx, batch, named, changes));
    this.derivedHandles.committed();
    this.outbox.nudge();
    await this.cache.drop(changes);
    await this.keepPlansFit(result.products.created);
    return result;
  }

  /**
   * Foreign keys and triggers keep the plans they made when the tables were small, and would scan them for every row.
   * New statistics, taken whenever the import has made the tables several times larger, make PostgreSQL plan anew.
   */
  private async keepPlansFit(created: number): Promise<void> {
    this.created += created;
    if (this.created < this.analyzeAt) return;
    this.analyzeAt = this.created * ANALYZE_GROWTH;
    // Only speed depends on it.
    await this.repository.analyze(this.database.orm).catch(() => {});
  }

  private async storeIn(
    tx: Tx,
    batch: readonly ParsedProduct[],
    named: NamedProducts,
    changes: Changes,
  ): Promise<BatchResult> {
    const result = emptyResult();
    const stored = await this.repository.lockByHandles(tx, handlesOf(batch));
    const usable = this.derivedHandles.leaveOut(batch, named, stored, result);
    const seen = await this.repository.markSeen(tx, handlesOf(usable));
    const whole = usable.map((parsed) => this.awaiting.complete(parsed));
    const next = whole.flatMap((parsed) => this.merge(parsed, stored.get(parsed.handle), seen, result));
    await this.settleSkus(tx, next, result);
    const collections = await this.repository.ensureCollections(tx, collectionTitles(next));
    const writes = noWrites();
    for (const product of next) {
      const collectionId = collections.ids.get(toHandle(product.parsed.collection ?? ''));
      const changed = collectWrites(product, collectionId, writes);
      countIn(result, product, changed, seen.has(product.parsed.handle));
      if (changed) noteProduct(product, collectionId, changes);
    }
    noteCollections(collections, changes);
    await this.repository.write(tx, writes);
    const rows = next.flatMap(stockRows);
    if (rows.length > 0) await this.stock.receive(tx, rows, 'import');
    return result;
  }

  private merge(
    parsed: ParsedProduct,
    stored: ProductRow | undefined,
    seen: ReadonlySet<string>,
    result: BatchResult,
  ): NextProduct[] {
    const report = (problem: ImportProblem) => result.problems.push(problem);
    const { line, handle } = parsed;
    result.skippedRows += parsed.skippedRows;
    const leaveOut = (variant: ParsedVariant, code: string, text: string) => {
      report({ line: variant.line, handle, code, text });
      if (!variant.otherwiseUsed) result.skippedRows += 1;
    };
    const next = mergeProduct(parsed, stored, { adds: seen.has(handle), newId, report, leaveOut });
    if (!next) {
      this.awaiting.note(parsed);
      const [code, needed] = parsed.fields
        ? ['no_variant', 'a variant that can be read']
        : ['missing_title', 'a title'];
      report({ line, handle, code, text: `a new product needs ${needed}; ${leftOut(parsed)}` });
      result.skippedRows += parsed.rows - parsed.skippedRows;
      return [];
    }
    if (seen.has(handle)) {
      const text = 'rows of this product stood earlier in the file; these were added to it. Sort the file by handle';
      report({ line, handle, code: 'rows_apart', text });
    }
    return [next];
  }

  private async settleSkus(tx: Tx, next: readonly NextProduct[], result: BatchResult): Promise<void> {
    const skus = new Set(next.flatMap(({ variants }) => variants.flatMap(({ state }) => state.sku ?? [])));
    const owners = skus.size > 0 ? await this.repository.findSkuOwners(tx, [...skus]) : new Map<string, string>();
    assignSkus(next, owners, (problem) => result.problems.push(problem));
  }
}

const handlesOf = (batch: readonly ParsedProduct[]) => batch.map((product) => product.handle);

function collectionTitles(products: readonly NextProduct[]): Map<string, string> {
  const titles = products.flatMap(({ parsed }) => parsed.collection ?? []);
  return new Map(titles.map((title) => [toHandle(title), title] as const).filter(([handle]) => handle !== ''));
}

function noteProduct({ id, parsed, stored }: NextProduct, joined: string | undefined, changes: Changes): void {
  const lists = new Set(stored?.collections.map((collection) => collection.id));
  if (joined) lists.add(joined);
  changes.changed('product', { product: [id], collectionProducts: lists });
  if (!stored) changes.changed('productHandle', { productHandle: [parsed.handle] });
}

function noteCollections({ ids, created }: Collections, changes: Changes): void {
  if (created.length === 0) return;
  changes.changed('collection', { collection: created.flatMap((handle) => ids.get(handle) ?? []) });
  changes.changed('collectionHandle', { collectionHandle: created });
}
