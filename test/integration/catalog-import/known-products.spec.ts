// What a product file changes of products that the shop has.
import { describe, expect, it } from '@jest/globals';
import { codes, levels, product, shop, useCatalog } from './import-rig.js';

useCatalog();

describe('a product file', () => {
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
});
