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

  it('without options adds no variant to a product that has them, and takes the rest', async () => {
    await shop.importCsv(
      'Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price,Variant Inventory Qty,Image Src\n' +
        'jar,Jar,Size,S,,,8,1,https://x.example/1.jpg\njar,,,L,,,9,1,\nhat,Hat,Size,S,Color,Red,5,1,\nmug,Mug,,,,,3,1,\n',
    );
    const titles = async (handle: string) => (await product(handle)).variants.map(({ title }) => title);
    const added = await shop.importCsv('Handle,Title,Variant Price,Variant SKU\njar,,8,JAR-250\nmug,,4,MUG\n');
    expect(added.report).toMatchObject({
      ...{ skipped: 1, variants: 1, products: { created: 0, updated: 1, unchanged: 1 } },
      problems: [
        {
          line: 2,
          code: 'missing_option_value',
          text: 'jar has the option Size: give Option1 Value; the variant was left out',
        },
      ],
    });
    const whole = await shop.importCsv('Handle,Title,Variant Price\njar,Glass jar,8\nhat,Red hat,6\n');
    expect(whole.report).toMatchObject({
      ...{ skipped: 0, variants: 0, products: { updated: 2 } },
      problems: [
        { line: 2 },
        { text: 'hat has the options Size and Color: give Option1 Value and Option2 Value; the variant was left out' },
      ],
    });
    expect(await product('jar')).toMatchObject({ title: 'Glass jar', options: [{ name: 'Size', values: ['S', 'L'] }] });
    expect([await titles('jar'), await titles('hat'), await titles('mug')]).toEqual([
      ['S', 'L'],
      ['S / Red'],
      ['Default Title'],
    ]);
    const fieldsOnly = await shop.importCsv('Handle,Title,Image Src\njar,Jam jar,https://x.example/2.jpg\n');
    expect(fieldsOnly.report).toMatchObject({ problems: [], products: { updated: 1 } });
    expect(await product('jar')).toMatchObject({ title: 'Jam jar', images: [{ url: 'https://x.example/2.jpg' }] });
    expect(await titles('jar')).toEqual(['S', 'L']);
  });

  it('keeps the policy of a variant that it does not say, or not readably', async () => {
    const file = (policy: string) =>
      `Handle,Title,Variant Price,Variant Inventory Qty,Variant Inventory Policy\na,A,1,1,${policy}\n`;
    await shop.importCsv(file('continue'));
    await shop.importCsv(file('maybe'));
    await shop.importCsv('Handle,Title,Variant Price,Variant Inventory Qty\na,A,1,2\n');
    expect(await levels()).toEqual([['a', 'Default Title', 2, 'backorder', true]]);
    await shop.importCsv(file('deny'));
    expect(await levels()).toEqual([['a', 'Default Title', 1, 'deny', true]]);
  });

  it('hides no product because of a status that cannot be read, and shows no new one', async () => {
    await shop.importCsv('Handle,Title,Status,Price\nlamp,Lamp,active,5\n');
    await shop.importCsv('Handle,Title,Status,Price\nlamp,Lamp,soon,6\nvase,Vase,soon,6\n');
    expect((await shop.http.get('/v1/products/lamp')).status).toBe(200);
    expect((await shop.http.get('/v1/products/vase')).status).toBe(404);
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

  it('imported again changes nothing; changed, it updates and doubles nothing', async () => {
    const header =
      'Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n';
    const rows = [
      'a,A,V,Size,S,S1,1,4,https://x.example/1.jpg\n',
      'a,,,,M,M1,2,5,https://x.example/2.jpg\n',
      'b,B,V,,,B1,3,6,\n',
    ];
    await shop.importCsv(header + rows.join(''));
    const before = await product('a');
    await shop.sql.query('DELETE FROM outbox');
    const again = await shop.importCsv(header + rows.join(''));
    expect(again.report.products).toEqual({ created: 0, updated: 0, unchanged: 2 });
    expect((await shop.sql.query('SELECT event FROM outbox')).rows).toEqual([]);
    expect(await product('a')).toEqual(before);
    expect((await shop.sql.query('SELECT count(*)::int AS movements FROM stock_movements')).rows).toEqual([
      { movements: 3 },
    ]);

    // The vendor column is gone: it stays. M leaves the offer, L comes, S and B1 swap their SKUs.
    const changed = await shop.importCsv(
      [
        'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src',
        'a,A!,Size,L,L1,9,1,https://x.example/2.jpg',
        'a,,,S,B1,1,7,',
        'b,B,,,S1,3,6,',
      ].join('\n'),
    );
    expect(changed.report).toMatchObject({ problems: [], products: { created: 0, updated: 2, unchanged: 0 } });
    const after = await product('a');
    expect(after).toMatchObject({ title: 'A!', vendor: 'V', images: [{ url: 'https://x.example/2.jpg', alt: null }] });
    expect(after.version).toBe(before.version + 1);
    expect(after.variants.map(({ title, sku }) => [title, sku])).toEqual([
      ['L', 'L1'],
      ['S', 'B1'],
    ]);
    expect(after.variants[1]?.id).toBe(before.variants[0]?.id);
    expect((await product('b')).variants[0]?.sku).toBe('S1');

    // What was offered once comes back as itself.
    await shop.importCsv(header + rows.join(''));
    expect((await product('a')).variants.map(({ id }) => id)).toEqual(before.variants.map(({ id }) => id));
  });

  it('without titles adds to products; rows that stand far apart are put together', async () => {
    const between = Array.from({ length: 450 }, (_, n) => `x${n},X,,,1,1\n`).join('');
    const job = await shop.importCsv(
      `Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty\na,A,Size,S,1,1\n${between}a,,,M,2,2\na,A,,L,3,3\n`,
    );
    expect(codes(job)).toEqual(['453 rows_apart']);
    expect(job.report.products).toEqual({ created: 451, updated: 0, unchanged: 0 });
    expect((await product('a')).variants.map(({ title }) => title)).toEqual(['S', 'M', 'L']);

    const prices = await shop.importCsv('Handle,Option1 Value,Variant Price\na,M,20\na,,\nnew,,5\n');
    expect(codes(prices)).toEqual(['3 nothing_new', '4 missing_title']);
    const a = await product('a');
    expect(a.variants.map(({ title, price }) => [title, price?.amount])).toEqual([
      ['S', 100],
      ['M', 2000],
      ['L', 300],
    ]);
    expect(await levels()).toContainEqual(['a', 'M', 2, 'deny', true]);
  });

  it('keeps a variant that comes later in the file than a first row with a price that is none', async () => {
    const others = Array.from({ length: 210 }, (_, i) => `other-${i},Other,,,5\n`);
    const rows = ['late,Late,Size,S,"12,50"\n', ...others, 'late,,,M,9\n'];
    const job = await shop.importCsv(['Handle,Title,Option1 Name,Option1 Value,Variant Price\n', ...rows].join(''));
    expect(codes(job)).toEqual(['2 bad_price', '2 no_variant', '3 no_quantity', '213 rows_apart']);
    const { title, options, variants } = await product('late');
    expect({ title, options: options.map(({ name }) => name) }).toEqual({ title: 'Late', options: ['Size'] });
    expect(variants.map((variant) => [variant.title, variant.price?.amount])).toEqual([['M', 900]]);
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

  it('takes no variant whose price cannot be read: new ones are left out, those in the shop stay as they are', async () => {
    const header = 'Handle,Title,Variant Price,Variant Inventory Qty\n';
    const none = await shop.importCsv(`${header}a,A,free,1\nb,B,"1,5",1\n`);
    expect([none.state, ...codes(none)]).toEqual([
      'failed',
      ...['2 bad_price', '2 no_variant', '3 bad_price', '3 no_variant'],
    ]);
    expect(none.report).toMatchObject({ rows: 2, skipped: 2, products: { created: 0 }, variants: 0 });
    expect((await shop.http.get('/v1/products/a')).status).toBe(404);
    await shop.importCsv(`${header}a,A,7,3\n`);
    const again = await shop.importCsv(`${header}a,New name,free,9\n`);
    expect([again.state, ...codes(again)]).toEqual(['done', '2 bad_price']);
    const { title, variants } = await product('a');
    expect([title, variants.map(({ price }) => price?.amount)]).toEqual(['New name', [700]]);
    expect(await levels()).toEqual([['a', 'Default Title', 3, 'deny', true]]);
  });

  it('changes no product whose handle it does not give, and makes new ones from titles', async () => {
    const header = 'Handle,Title,Option1 Name,Option1 Value,Variant Price\n';
    await shop.importCsv(`${header}red-hat,Red Hat,,,20\nblue-mug,Blue Mug,,,10\n`);
    const others = Array.from({ length: 210 }, (_, i) => `other-${i},Other,,,5\n`).join('');
    const job = await shop.importCsv(
      `${header},Red Hat,,,1\nBlue Mug!,Other product,,,2\n,Green Tea,Size,S,3\n${others},Green Tea,Size,M,4\n` +
        'kettle,Kettle,,,30\n,Kettle,,,1\n',
    );
    expect(codes(job)).toEqual([
      ...[
        '2 handle_taken',
        '3 handle_changed',
        '3 handle_taken',
        '4 no_quantity',
        '215 rows_apart',
        '217 handle_taken',
      ],
    ]);
    expect(job.report.problems[0]).toMatchObject({
      handle: 'red-hat',
      text: 'the file does not give the handle "red-hat" here, and the product "Red Hat" has it; its row was left out. Give this handle to change that product, or another one for a new product',
    });
    expect(job.report).toMatchObject({ skipped: 3, products: { created: 212, updated: 0 } });
    const pricesOf = async (handle: string) => (await product(handle)).variants.map(({ price }) => price?.amount);
    expect([await pricesOf('red-hat'), await pricesOf('blue-mug'), await pricesOf('kettle')]).toEqual([
      [2000],
      [1000],
      [3000],
    ]);
    expect(await pricesOf('green-tea')).toEqual([300, 400]);
    expect(codes(await shop.importCsv(`${header},Green Tea,Size,S,1\n`))).toEqual(['2 handle_taken']);
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
