import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { ImportService } from '../../../src/catalog/index.js';
import { codes, levels, type Product, product, shop, useCatalog } from './import-rig.js';

useCatalog();

describe('a product file', () => {
  it('of the older dialect becomes products with stock', async () => {
    const job = await shop.importCsv(
      [
        'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Variant Image,Cost per item',
        'tee,Tee,"<p>Soft,',
        '""warm""</p>",Loom,Shirts,"Soft, warm",true,Size,S,T-S,120.4,shopify,5,DENY,19.99,25.00,true,true,4001,https://x.example/1.jpg,1,Front,https://x.example/s.jpg,7',
        'tee,,,,,,,,M,T-M,120,,0,continue,21,,true,false,,,,,,',
        'tee,,,,,,,,,,,,,,,,,,,https://x.example/2.jpg,2,Back,,',
        'gift,Gift,,,,,,Title,Default Title,,,,,,5,,false,false,,,,,,',
      ].join('\r\n'),
    );
    expect(job).toMatchObject({ state: 'done', error: null, readBytes: job.totalBytes });
    expect(job.report).toEqual({
      rows: 4,
      products: { created: 2, updated: 0, unchanged: 0 },
      variants: 3,
      images: 2,
      skipped: 0,
      problemCount: 1,
      problems: [expect.objectContaining({ line: 6, handle: 'gift', code: 'no_quantity' })],
      unknownColumns: ['Cost per item'],
    });
    const tee = await product('tee');
    expect(tee).toMatchObject({
      title: 'Tee',
      descriptionHtml: '<p>Soft,\r\n"warm"</p>',
      vendor: 'Loom',
      type: 'Shirts',
      tags: ['Soft', 'warm'],
      priceRange: { min: { amount: 1999, currency: 'USD' }, max: { amount: 2100, currency: 'USD' } },
      options: [{ name: 'Size', values: ['S', 'M'] }],
      images: [
        { url: 'https://x.example/1.jpg', alt: 'Front' },
        { url: 'https://x.example/2.jpg', alt: 'Back' },
      ],
      version: 1,
    });
    expect(tee.variants).toMatchObject([
      {
        sku: 'T-S',
        title: 'S',
        options: [{ name: 'Size', value: 'S' }],
        price: { amount: 1999, currency: 'USD' },
        compareAtPrice: { amount: 2500, currency: 'USD' },
        grams: 120,
        barcode: '4001',
        taxable: true,
        imageUrl: 'https://x.example/s.jpg',
      },
      { sku: 'T-M', price: { amount: 2100, currency: 'USD' }, compareAtPrice: null, taxable: false, imageUrl: null },
    ]);
    expect(await levels()).toEqual([
      ['gift', 'Default Title', 0, 'deny', false],
      ['tee', 'S', 5, 'deny', true],
      ['tee', 'M', 0, 'backorder', true],
    ]);
  });

  it('of the newer dialect too, with collections, drafts and several currencies', async () => {
    const job = await shop.importCsv(
      `\uFEFF${[
        ' title ,URL Handle,Description,Status,Published on online store,SKU,Option1 name,Option1 value,Option2 name,Option2 value,Price,Price (EUR),Compare-at price (EUR),Price (JPY),Inventory quantity,Continue selling when out of stock,Weight value (grams),Product image URL,Collection,SEO title',
        'Mug,mug,<b>x</b>,active,TRUE,M-1,Color,Blue,Size,Big,8.50,7.00,9.00,1200,3,CONTINUE,400,,Kitchen & Table,Mugs',
        'Secret,secret,,draft,TRUE,M-2,,,,,1,,,,1,DENY,,,Kitchen & Table,',
      ].join('\n')}`,
    );
    expect(job.report).toMatchObject({ problems: [], products: { created: 2 }, unknownColumns: [] });
    const mug = await product('mug');
    expect(mug.collections).toEqual([{ id: expect.any(String), handle: 'kitchen-table', title: 'Kitchen & Table' }]);
    expect(mug.seo).toEqual({ title: 'Mugs', description: null });
    expect(mug.variants).toMatchObject([
      {
        title: 'Blue / Big',
        prices: {
          EUR: { price: { amount: 700, currency: 'EUR' }, compareAtPrice: { amount: 900, currency: 'EUR' } },
          JPY: { price: { amount: 1200, currency: 'JPY' }, compareAtPrice: null },
          USD: { price: { amount: 850, currency: 'USD' }, compareAtPrice: null },
        },
      },
    ]);
    expect((await shop.http.get('/v1/products/secret')).status).toBe(404);
    const list = await shop.http.get<{ items: Product[] }>('/v1/collections/kitchen-table/products');
    expect(list.body.items.map((item) => item.handle)).toEqual(['mug']);
  });

  it('that is not UTF-8 damages no text: its rows are left out', async () => {
    const file = 'Handle,Title,Variant Price,Variant Inventory Qty\nhonig,Honig aus der Wüste,8,5\n';
    await shop.importCsv(file);
    const latin = await shop.importCsv(Buffer.from(file, 'latin1'));
    expect([latin.state, ...codes(latin)]).toEqual(['failed', '2 bad_encoding']);
    expect(await product('honig')).toMatchObject({ title: 'Honig aus der Wüste', version: 1 });
  });

  it('full of dirt is imported as far as it goes, the rest reported by line', async () => {
    const job = await shop.importCsv(
      [
        'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src,Mystery',
        'a,A,Size,S,DUP,9.99,3,https://x.example/a.jpg,?',
        'a,,,M,DUP,12,x,,', // 3: somebody has the SKU; no number
        'a,,,L,,"12,50",2,,', // 4: no amount, and no variant
        'a,,,,,7,1,,', // 5: which size?
        'a,,,XL,,7,1,,,,oops', // 6: too many cells
        'b,,Size,S,,7,1,,', // 7: no title, and not in the shop
        'b,,,M,,7,1,,', // 8
        '"c"x,C,,,,1,1,,', // 9: odd quotes, readable
        'd,D,,,DUP,2,1,,', // 10: the SKU again, another product
        ',,,,,,,,', // 11
        'e,E,,,,3,-4,,', // 12
        'f,"F is open,,,,3,1,,',
        '',
      ].join('\r\n'),
    );
    expect(job.state).toBe('done');
    expect(codes(job)).toEqual([
      ...['3 bad_value', '3 duplicate_sku', '4 bad_price', '5 missing_option_value', '6 wrong_column_count'],
      ...['7 missing_title', '9 handle_changed', '10 duplicate_sku', '12 negative_quantity', '13 malformed_quotes'],
    ]);
    expect(job.report).toMatchObject({
      rows: 11,
      skipped: 6,
      products: { created: 4, updated: 0, unchanged: 0 },
      unknownColumns: ['Mystery'],
    });
    const a = await product('a');
    expect(a.variants.map(({ title, sku, price }) => [title, sku, price?.amount])).toEqual([
      ['S', 'DUP', 999],
      ['M', null, 1200],
    ]);
    expect((await product('d')).variants[0]?.sku).toBeNull();
    expect((await shop.http.get('/v1/products/f')).status).toBe(404);
  });

  it('that gives nothing has failed and tells what is wrong with it', async () => {
    for (const [text, code] of [
      ['name,price\nx,1\n', 'unknown_format'],
      ['Handle;Title\nx;X\n', 'unknown_format'],
      [Buffer.from('\uFEFFHandle,Title\nx,X\n', 'utf16le'), 'unknown_format'],
      ['\n\n', 'empty_file'],
      ['Handle,Title\n', 'no_rows'],
      ['Handle,Title\nx,"X\n', 'malformed_quotes'],
      ['Handle,"Title\n', 'malformed_quotes'],
      ['Handle,Title\nx,X,1,2\n', 'wrong_column_count'],
    ] as const) {
      const job = await shop.importCsv(text);
      expect([job.state, job.report.problems.map((problem) => problem.code)]).toEqual(['failed', [code]]);
      expect(job.error).toContain('`problems` says why');
    }
  });

  it('without prices says so once when it brings new variants, and nothing when it changes those that are there', async () => {
    const file = 'Handle,Title,Variant SKU,Variant Inventory Qty\na,A,A,1\nb,B,B,1\n';
    const first = await shop.importCsv(file);
    expect([first.state, ...codes(first)]).toEqual(['done', '2 no_price_column']);
    expect((await product('b')).variants.map(({ price }) => price)).toEqual([null]);
    expect(codes(await shop.importCsv(file))).toEqual([]);
    const priced = await shop.importCsv('Handle,Title,Variant Price\nc,C,\n');
    expect([...codes(priced), priced.report.problems[0]?.text]).toEqual([
      ...['2 missing_price', '2 no_quantity'],
      'has no price: a variant of the shop keeps the price that it has, a new one cannot be bought',
    ]);
  });

  it('that says neither how many there are nor who counts them says once that new variants are not counted', async () => {
    const file = 'Handle,Title,Variant Price\na,A,1\nb,B,1\n';
    const first = await shop.importCsv(file);
    expect(first.report).toMatchObject({
      problemCount: 1,
      problems: [
        { line: 2, code: 'no_quantity', text: expect.stringMatching(/^2 new variants, this one first, have/) },
      ],
    });
    expect(await levels()).toContainEqual(['b', 'Default Title', 0, 'deny', false]);
    expect(codes(await shop.importCsv(file))).toEqual([]);
    const tracked = await shop.importCsv(
      'Handle,Title,Variant Price,Variant Inventory Tracker\nc,C,1,\nd,D,1,shopify\n',
    );
    expect(tracked.report).toMatchObject({
      problemCount: 1,
      problems: [{ line: 2, handle: 'c', text: expect.stringMatching(/^this new variant has neither/) }],
    });
    const large = await shop.importCsv('Handle,Title,Variant Price,Variant Inventory Qty\ne,E,1,999999999999999\n');
    expect(large.report.problems.map(({ text }) => text)).toEqual([expect.stringContaining('999999999 at most')]);
    expect(await levels()).toContainEqual(['e', 'Default Title', 0, 'deny', true]);
  });

  it('whose stream breaks off keeps what came before, says so, and lets the next import run', async () => {
    const imports = shop.app.get(ImportService, { strict: false });
    async function* broken() {
      yield 'Handle,Title,Variant Price\n';
      for (let n = 0; n < 450; n++) yield `p${n},P,1\n`;
      throw new Error('the disk is gone');
    }
    const outcome = await imports.run(broken());
    expect(outcome).toMatchObject({
      kind: 'stopped',
      reason: 'the disk is gone',
      report: { products: { created: 400 } },
    });
    expect((await shop.http.get('/v1/products/p0')).status).toBe(200);
    expect((await shop.importCsv('Handle,Title,Variant Price\nnext,N,1\n')).state).toBe('done');
  });

  it('loses only the product that PostgreSQL refuses', async () => {
    await shop.sql.query("ALTER TABLE products ADD CONSTRAINT no_dragons CHECK (title <> 'Dragon')");
    try {
      const job = await shop.importCsv('Handle,Title,Variant Price\na,A,1\nd,Dragon,1\nb,B,1\n');
      expect(codes(job)).toEqual(['2 no_quantity', '3 not_stored']);
      expect(job.report).toMatchObject({ products: { created: 2 }, skipped: 1 });
      expect(job.report.problems[1]?.text).toContain('no_dragons');
    } finally {
      await shop.sql.query('ALTER TABLE products DROP CONSTRAINT no_dragons');
    }
  });

  it('of thousands of rows leaves no trace in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const used: number[] = [];
    const imports = shop.app.get(ImportService, { strict: false });
    async function* file() {
      yield 'Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n';
      for (let p = 0; p < 250; p++) {
        yield `p${p},P ${p},${'text '.repeat(2_000)},Size,S,S-${p},${p}.50,${p},https://x.example/${p}.jpg\n`;
        for (let v = 1; v < 10; v++) yield `p${p},,,,${v},S-${p}-${v},${p}.50,${v},\n`;
        for (let i = 0; i < 190; i++) yield `p${p},,,,,,,,https://x.example/${p}-${i}.jpg?size=${'large'.repeat(20)}\n`;
      }
    }
    const outcome = await imports.run(file(), undefined, () => {
      collectGarbage();
      used.push(process.memoryUsage().heapUsed);
    });
    expect(outcome).toMatchObject({ kind: 'done', report: { rows: 50_000, variants: 2_500, problems: [] } });
    const early = Math.max(...used.slice(0, 5));
    // All rows at once would be some 30 MB.
    expect((used.at(-1) ?? 0) - early).toBeLessThan(10_000_000);
    expect(used.length).toBeGreaterThan(20);
  });
});
