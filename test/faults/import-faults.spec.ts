// What a merchant's file, or a database that is busy, must not do to the shop.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startCatalog, type TestCatalog } from '../support/catalog.js';

let shop: TestCatalog;
beforeAll(async () => {
  shop = await startCatalog();
});
afterAll(() => shop?.close());

interface Product {
  readonly variants: readonly { id: string; title: string; sku: string | null }[];
  readonly images: readonly { url: string }[];
}

const productOf = async (handle: string) => (await shop.http.get<Product>(`/v1/products/${handle}`)).body;
const titlesOf = async (handle: string) => (await productOf(handle)).variants.map((variant) => variant.title);
const importRows = (...rows: string[]) => shop.importCsv(`${rows.join('\n')}\n`);

describe('a SKU that comes to name another variant, in a file that says nothing of stock', () => {
  const adjustedBy = async (sku: string) => {
    const adjustment = { sku, delta: 3, reason: 'counted' };
    return (await shop.admin.post<{ variantId?: string }>('/v1/admin/inventory/adjustments', adjustment)).body
      .variantId;
  };

  it('is adjusted where it is now: exchanged between two products', async () => {
    await importRows(
      'Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price',
      'left,Left,SKU-1,5,1',
      'right,Right,SKU-2,5,1',
    );
    await importRows('Handle,Title,Variant SKU,Variant Price', 'left,Left,SKU-2,1', 'right,Right,SKU-1,1');
    const [right] = (await productOf('right')).variants;
    expect(right).toMatchObject({ sku: 'SKU-1' });
    expect(await adjustedBy('SKU-1')).toBe(right?.id);
  });

  it('is adjusted where it is now: taken from a variant that is no longer sold, and back', async () => {
    const header = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU';
    await importRows(`${header},Variant Inventory Qty`, 'cap,Cap,Size,S,CAP-1,5', 'cap,,,M,CAP-2,5');
    await importRows(header, 'cap,Cap,Size,M,CAP-1');
    const [medium] = (await productOf('cap')).variants;
    expect(medium).toMatchObject({ title: 'M', sku: 'CAP-1' });
    expect(await adjustedBy('CAP-1')).toBe(medium?.id);
    expect(await adjustedBy('CAP-2')).toBeUndefined();

    await importRows(header, 'cap,Cap,Size,S,CAP-1', 'cap,,,M,CAP-2');
    const [small] = (await productOf('cap')).variants;
    expect(small).toMatchObject({ title: 'S', sku: 'CAP-1' });
    expect(await adjustedBy('CAP-1')).toBe(small?.id);
    expect(await adjustedBy('CAP-2')).toBe(medium?.id);
  });

  it('is no SKU any more when its variant is gone', async () => {
    const header = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU';
    await importRows(`${header},Variant Inventory Qty`, 'hat,Hat,Size,S,HAT-1,5', 'hat,,,M,HAT-2,5');
    await importRows(header, 'hat,Hat,Size,M,HAT-2');
    expect(await adjustedBy('HAT-1')).toBeUndefined();
    expect(await adjustedBy('HAT-2')).toBeDefined();
  });
});

describe('a row that cannot be used', () => {
  const header = 'Handle,Title,Option1 Name,Option1 Value,Variant Inventory Qty,Variant Price,Image Src';

  it.each([
    ['a comma too many', (handle: string) => `${handle},,,M,5,1,,too,many`],
    ['a stray quote', (handle: string) => `${handle},,,M,5,"1`],
    ['no option value', (handle: string) => `${handle},,,,5,1,`],
    ['no handle', () => ',,Size,M,5,1,'],
  ])('takes nothing out of the shop: %s', async (why, row) => {
    const handle = why.replaceAll(' ', '-');
    const image = (n: number) => `https://x.example/${handle}-${n}.jpg`;
    const first = `${handle},Dirty,Size,S,5,1,${image(1)}`;
    await importRows(header, first, `${handle},,,M,5,1,${image(2)}`);

    const dirty = await importRows(header, `${handle},Renamed,Size,S,5,2,${image(3)}`, row(handle));
    expect(dirty.report).toMatchObject({ skipped: 1, problemCount: 1, products: { updated: 1 } });
    expect(await titlesOf(handle)).toEqual(['S', 'M']);
    expect(await productOf(handle)).toMatchObject({
      title: 'Renamed',
      images: [{ url: image(1) }, { url: image(2) }, { url: image(3) }],
    });

    await importRows(header, first);
    expect(await titlesOf(handle)).toEqual(['S']);
    expect((await productOf(handle)).images).toEqual([expect.objectContaining({ url: image(1) })]);
  });
});

describe('a PostgreSQL that breaks off what it was asked for', () => {
  const header = 'Handle,Title,Variant Price,Variant Inventory Qty';

  /** Every write of this product fails, the first `times` of them. A sequence counts what is rolled back as well. */
  const failWrites = (handle: string, sqlState: string, times: number) =>
    shop.sql.query(`
      CREATE SEQUENCE writes_tried;
      CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.handle = '${handle}' AND nextval('writes_tried') <= ${times} THEN
          RAISE EXCEPTION 'broken off for the test' USING ERRCODE = '${sqlState}';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER break_off BEFORE INSERT OR UPDATE ON products FOR EACH ROW EXECUTE FUNCTION break_off();`);

  afterEach(() => shop.sql.query('DROP FUNCTION break_off CASCADE; DROP SEQUENCE writes_tried'));

  it.each([
    ['40P01', 'deadlock'],
    ['57014', 'statement out of time'],
    ['55P03', 'lock not to be had'],
  ])('is asked again (%s)', async (sqlState, why) => {
    const handle = why.replaceAll(' ', '-');
    await failWrites(handle, sqlState, 3);
    const job = await importRows(
      header,
      `before-${handle},Before,1,1`,
      `${handle},It,1,1`,
      `after-${handle},After,1,1`,
    );
    expect(job).toMatchObject({ state: 'done', report: { skipped: 0, problemCount: 0, products: { created: 3 } } });
    expect(await titlesOf(handle)).toHaveLength(1);
  });

  it('ends the import with its reason when it goes on so', async () => {
    await failWrites('busy', '40001', 1_000);
    const job = await importRows(header, 'free,Free,1,1', 'busy,Busy,1,1', 'later,Later,1,1');
    expect(job).toMatchObject({ state: 'failed', report: { problemCount: 0, products: { created: 1 } } });
    expect(job.error).toContain('broken off for the test');
  });

  it('refuses only the product that is to blame', async () => {
    await failWrites('guilty', '23514', 1_000);
    const job = await importRows(header, 'fine,Fine,1,1', 'guilty,Guilty,1,1', 'good,Good,1,1');
    expect(job).toMatchObject({ state: 'done', report: { skipped: 1, products: { created: 2 } } });
    expect(job.report.problems).toMatchObject([{ handle: 'guilty', code: 'not_stored' }]);
  });
});

describe('a product that files add to again and again', () => {
  it('keeps to its bounds', async () => {
    const header = 'Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src';
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => `many,,,v${from + n},1,https://x.example/${from + n}.jpg`);
    await importRows(header, 'many,Many,Size,first,1,', ...rows(0, 200));
    const { report } = await importRows(header, ...rows(150, 150));
    const codes = report.problems.map((problem) => problem.code);
    // 200 and one are there; of 100 new variants 49 fit, of 100 new images 50.
    expect(codes.filter((code) => code === 'too_many_variants')).toHaveLength(51);
    expect(codes.filter((code) => code === 'too_many_images')).toHaveLength(50);
    const { variants, images } = await productOf('many');
    expect([variants.length, images.length]).toEqual([250, 250]);
    expect(variants.map((variant) => variant.title)).toContain('v248');

    // A file that states it whole makes room.
    await importRows(header, 'many,Many,Size,v299,1,');
    expect(await titlesOf('many')).toEqual(['v299']);
  });
});
