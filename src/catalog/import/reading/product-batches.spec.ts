import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateCatalog, toCsvLine } from '../../sample/generate-catalog.js';
import { sampleProduct } from '../../sample/sample-product.js';
import { ReportBuilder } from '../import-report.js';
import { readCsv } from './csv-reader.js';
import type { ParsedProduct } from './parsed-product.js';
import { readProductBatches } from './product-batches.js';

async function parse(lines: Iterable<string | Buffer>, defaultCurrency = 'USD') {
  async function* chunks() {
    yield* lines;
  }
  const report = new ReportBuilder();
  const batches: ParsedProduct[][] = [];
  for await (const batch of readProductBatches(readCsv(chunks()), defaultCurrency, report)) batches.push(batch);
  const { problems, ...counts } = report.build();
  return { batches, products: batches.flat(), problems, counts };
}

const codes = (problems: { line: number; code: string }[]) => problems.map(({ line, code }) => `${line} ${code}`);
const pricesOf = (product: ParsedProduct | undefined) => product?.variants.map((v) => Object.fromEntries(v.prices));

describe('readProductBatches', () => {
  it('reads the older headers', async () => {
    const { products, problems, counts } = await parse([
      'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,',
      'Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,',
      'Variant Requires Shipping,Variant Taxable,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title\n',
      'tee,Tee,"<p>Soft,\nwarm</p>",Loom,Shirts,"a, B,a",TRUE,Size,S,T-S,113.6,shopify,5,DENY,19.99,25,true,false,',
      'https://x.example/1.jpg,2,One,false,Tee!\n',
      'tee,,,,,,,,M,T-M,120,shopify,-2,Continue,19.9,,FALSE,TRUE,,,,,\n',
      'tee,,,,,,,,,,,,,,,,,,https://x.example/0.jpg,1,,,\n',
    ]);
    expect(codes(problems)).toEqual(['4 negative_quantity']);
    expect(counts).toMatchObject({ rows: 3, skipped: 0, unknownColumns: ['Gift Card'] });
    expect(products).toHaveLength(1);
    const [tee] = products;
    expect(tee?.fields).toEqual({
      title: 'Tee',
      descriptionHtml: '<p>Soft,\nwarm</p>',
      vendor: 'Loom',
      type: 'Shirts',
      tags: ['a', 'B'],
      status: 'published',
      statusOfNew: 'published',
      seoTitle: 'Tee!',
      seoDescription: undefined,
    });
    expect(tee?.optionNames).toEqual(['Size']);
    expect(tee?.images?.map((image) => image.url)).toEqual(['https://x.example/0.jpg', 'https://x.example/1.jpg']);
    expect(tee?.variants).toMatchObject([
      { optionValues: ['S'], sku: 'T-S', grams: 114, requiresShipping: true, taxable: false },
      { optionValues: ['M'], sku: 'T-M', grams: 120, requiresShipping: false, taxable: true },
    ]);
    expect(tee?.variants.map((variant) => variant.stock)).toEqual([
      { onHand: 5, policy: 'deny', tracked: true },
      { onHand: 0, policy: 'backorder', tracked: true },
    ]);
    expect(pricesOf(tee)).toEqual([
      { USD: { amountMinor: 1999, compareAtMinor: 2500 } },
      { USD: { amountMinor: 1990, compareAtMinor: null } },
    ]);
  });

  it('reads the newer headers, padded and in any case, with prices of several currencies', async () => {
    const { products, problems, counts } = await parse(
      [
        ' TITLE ,Url  Handle,description,STATUS,Published on online store,sku,Option1 name,Option1 value,Price,',
        'Compare-at price,Price (EUR),Compare-At Price (EUR),Price (JPY),Price (XQX),Inventory quantity,',
        'Continue selling when out of stock,Weight value (grams),Charge tax,Product image URL,Collection\r\n',
        'Mug, Blue-MUG ,<b>x</b>,Draft,true,M1,Color,Blue,8.500,,7.00,9,1200,1,3,CONTINUE,0.5,no,,Kitchen\r\n',
      ],
      'KWD',
    );
    expect(problems).toEqual([]);
    expect(counts.unknownColumns).toEqual(['Price (XQX)']);
    expect(products).toMatchObject([
      {
        handle: 'blue-mug',
        collection: 'Kitchen',
        fields: { title: 'Mug', status: 'draft', descriptionHtml: '<b>x</b>' },
        images: [],
        variants: [{ sku: 'M1', grams: 1, taxable: false, stock: { onHand: 3, policy: 'backorder', tracked: true } }],
      },
    ]);
    expect(pricesOf(products[0])).toEqual([
      {
        KWD: { amountMinor: 8500, compareAtMinor: null },
        EUR: { amountMinor: 700, compareAtMinor: 900 },
        JPY: { amountMinor: 1200, compareAtMinor: undefined },
      },
    ]);
  });

  it('shows no new product and hides no old one because of a status that cannot be read', async () => {
    const { products, problems } = await parse([
      'Handle,Title,Published,Status,Variant Price\n',
      'a,A,true,active,1\n',
      'b,B,,,1\n',
      'c,C,perhaps,active,1\n',
      'd,D,true,soon,1\n',
      'e,E,perhaps,draft,1\n',
    ]);
    const stays = '; a product of the shop stays as it is, a new one is a draft';
    expect(problems.map(({ line, text }) => [line, text])).toEqual([
      [4, `"perhaps" is not true or false${stays}`],
      [5, `"soon" is not active, draft, archived or unlisted${stays}`],
      [6, `"perhaps" is not true or false${stays}`],
    ]);
    expect(products.map(({ fields }) => [fields?.status, fields?.statusOfNew])).toEqual([
      ['published', 'published'],
      ['published', 'published'],
      [undefined, 'draft'],
      [undefined, 'draft'],
      ['draft', 'draft'],
    ]);
  });

  it('reports by line what cannot be used and takes the rest', async () => {
    const header =
      'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n';
    const { products, problems, counts } = await parse([
      header,
      'a,A,Size,S,A-S,4,x,ftp://no\n', // 2: two bad cells, the variant is kept
      'a,,,S,A-S2,5,1,\n', // 3: same options again
      'a,,,,A-M,5,1,\n', // 4: no option value
      'a,,,L,A-L,5,1,,too,many\n', // 5: a comma too many
      'a,,,XL\n', // 6: too few cells, no price
      ',,,,,,,\n', // 7: nothing at all
      ',,Size,S,,1,1,\n', // 8: neither handle nor title
      'Grüße & Co.,G,,,,3,1,\n', // 9: handle is written anew
      'a,"broken\n', // 10
      'a,,,XXL,"12" wide",6,1,\n', // 11: odd quotes
      '0190f3a2-0000-7000-8000-000000000000,U,,,,1,1,\n', // 12: looks like an id
      'a,,,,,,,\n', // 13: says nothing
      'a,,,3XL,A-3XL,ten,x,\n', // 14: a price that is none: the variant is left out
    ]);
    expect(codes(problems)).toEqual([
      ...['2 bad_address', '2 bad_value', '3 duplicate_variant', '4 missing_option_value'],
      ...['5 wrong_column_count', '6 short_row', '6 missing_price', '8 missing_handle', '9 handle_changed'],
      ...['10 malformed_quotes', '12 bad_handle', '13 nothing_new', '14 bad_price', '14 bad_value'],
    ]);
    expect(products.map(({ handle, variants }) => [handle, ...variants.map((v) => v.optionValues[0])])).toEqual([
      ['a', 'S', 'XL', 'XXL'],
      ['grüße-co', 'Default Title'],
    ]);
    expect([counts.rows, counts.skipped, ...products.map((product) => product.skippedRows)]).toEqual([12, 4, 4, 0]);
    expect(problems.find((problem) => problem.code === 'bad_value')?.text).toBe(
      '"x" is not a whole number, 999999999 at most; the quantity of a variant of the shop stays, a new one has 0 in stock',
    );
    expect(problems.find((problem) => problem.code === 'bad_price')).toEqual({
      line: 14,
      handle: 'a',
      column: 'Variant Price',
      code: 'bad_price',
      text: '"ten" is not an amount of USD such as 19.99; the variant was left out, and its quantity with it',
    });
  });

  it('leaves out a product without a variant that has a price, and no variant for a price to compare with or in another currency', async () => {
    const { products, problems, counts } = await parse([
      'Handle,Title,Variant Price,Variant Compare At Price,Price (EUR)\n',
      'a,A,free,,\n',
      'b,B,1,free,\n',
      'c,C,1,,free\n',
    ]);
    expect(products.map(({ handle, variants, rows }) => [handle, variants.length, rows])).toEqual([
      ['a', 0, 1],
      ['b', 1, 1],
      ['c', 1, 1],
    ]);
    expect(codes(problems)).toEqual(['2 bad_price', '3 bad_price', '4 bad_price']);
    expect(products[2]?.variants[0]?.prices.get('EUR')?.amountMinor).toBeUndefined();
    expect(counts).toMatchObject({ rows: 3, skipped: 0 });
  });

  it('marks the products that a row left out is or may be of', async () => {
    const incompleteAfter = async (...rows: string[]) => {
      const { products } = await parse(['Handle,Title,Option1 Name,Option1 Value,Variant Price\n', ...rows]);
      return products.filter((product) => product.incomplete).map((product) => product.handle);
    };
    const [a, b, c] = ['a,A,Size,S,1\n', 'b,B,Size,S,1\n', 'c,C,Size,S,1\n'];
    expect(await incompleteAfter(a, b, c)).toEqual([]);
    expect(await incompleteAfter(a, b, 'a,,,M,1,too\n', c)).toEqual(['a']); // names a product before it
    expect(await incompleteAfter(a, 'b,B,Size,M,1,too\n', b, c)).toEqual(['a', 'b']); // names none that is known
    expect(await incompleteAfter(a, 'a,,,M,"1\n', b, c)).toEqual(['a', 'b']); // names none
    expect(await incompleteAfter(a, 'a,,,M,"1\n', 'a,,,L,1\n', b)).toEqual(['a']); // stands within one
    expect(await incompleteAfter(a, ',,Size,M,1\n', b, c)).toEqual(['a', 'b']); // no handle
    expect(await incompleteAfter(a, b, 'b,,,,1\n', c)).toEqual(['b']); // no option value
    expect(await incompleteAfter(a, b, 'b,,,S,1\n', c)).toEqual(['b']); // the same options again
    expect(await incompleteAfter(a, b, 'b,,,,\n', c)).toEqual(['b']); // nothing but a handle
  });

  it('leaves out rows that are not UTF-8, and removes nothing for their sake', async () => {
    const latin = Buffer.from('b,W\xfcste,,,1\nb,,Size,M,1\n,W\xfcste,,,1\n', 'latin1');
    const header = 'Handle,Title,Option1 Name,Option1 Value,Variant Price\n';
    const { products, problems, counts } = await parse([header, 'a,\uFFFD,,,1\n', latin, 'c,C,,,1\n']);
    expect(problems.map(({ line, code, text }) => [line, code, text])).toEqual(
      [3, 5].map((line) => [
        line,
        'bad_encoding',
        'is not all UTF-8; it was left out. Save the file as "CSV UTF-8" and import it again',
      ]),
    );
    expect(products.map(({ handle, fields, incomplete }) => [handle, fields?.title, incomplete])).toEqual([
      ['a', '\uFFFD', true],
      ['b', undefined, true],
      ['c', 'C', true],
    ]);
    expect(counts).toMatchObject({ rows: 5, skipped: 2 });
  });

  it('takes a row without option values for no variant beside others that have them, named or not', async () => {
    const rows = ['Handle,Title,Option1 Value,Variant Price\n', 'a,A,S,1\n', 'a,,,2\n'];
    const { products, problems } = await parse(rows);
    expect(products.map(({ variants }) => variants.map((variant) => variant.optionValues[0]))).toEqual([['S']]);
    expect(problems.map(({ line, text }) => [line, text])).toEqual([
      [3, 'has no value for option 1; the variant was left out'],
    ]);
  });

  it('says what becomes of a policy, a flag, a weight and a position that cannot be read', async () => {
    const { products, problems } = await parse([
      'Handle,Title,Variant Price,Variant Inventory Policy,Variant Requires Shipping,Variant Taxable,Variant Grams,Image Src,Image Position,Variant Image\n',
      'a,A,1,maybe,x,x,heavy,https://x.example/1.jpg,first,1.jpg\n',
      'a,,,,,,,2.jpg,,\n',
    ]);
    expect(new Map(problems.map(({ column, text }) => [column, text]))).toEqual(
      new Map<string | undefined, string>([
        [undefined, 'the row says nothing new of the product'],
        ['Variant Inventory Policy', '"maybe" is not deny or continue; what there was stays, a new variant gets deny'],
        ['Variant Requires Shipping', '"x" is not true or false; what there was stays, a new variant is shipped'],
        ['Variant Taxable', '"x" is not true or false; what there was stays, a new variant is taxed'],
        ['Variant Grams', '"heavy" is not a weight in grams; what there was stays'],
        ['Image Src', 'is not an address that begins with https:// or http://; the image was left out'],
        ['Variant Image', 'is not an address that begins with https:// or http://; what there was stays'],
        ['Image Position', '"first" is not a position; the image keeps its place in the file'],
      ]),
    );
    expect(products[0]?.variants[0]).toMatchObject({ requiresShipping: undefined, stock: { policy: undefined } });
  });

  it('says what is wrong with a file that is none of these', async () => {
    const codeOf = async (text: string) => (await parse([text])).problems.map(({ code, text }) => `${code}: ${text}`);
    expect(await codeOf('')).toEqual([expect.stringContaining('empty_file')]);
    expect(await codeOf('Handle,Title\n\n')).toEqual([expect.stringContaining('no_rows')]);
    expect(await codeOf('name,price\nx,1\n')).toEqual([expect.stringContaining('unknown_format')]);
    expect(await codeOf('Handle;Title\nx;X\n')).toEqual([expect.stringContaining('semicolons')]);
    expect(await codeOf('\uFFFDH\0andle,T\0itle\n')).toEqual([expect.stringContaining('UTF-8')]);
  });

  it.each(['\uFFFDPNG\r\n\u001a\n', 'PK\u0003\u0004,\uFFFD\n"\u0001\n', '"a"\uFFFD\uFFFD"\n"\u0001"b\n'])(
    'repeats nothing of a file that is no text: %j',
    async (text) => {
      const { problems, counts } = await parse([text]);
      expect(codes(problems)).toEqual(['1 unknown_format']);
      expect(problems[0]?.text).toMatch(/^the file is not text in UTF-8[ -~]*$/);
      expect(counts.unknownColumns).toEqual([]);
    },
  );

  it('repeats nothing of a line that is no text', async () => {
    const { problems } = await parse(['Handle,Title\n', '"a"\uFFFD"\n', '"a"b"\n']);
    expect(problems.map(({ text }) => text)).toEqual([
      'the quotes of this line do not fit; it was left out',
      'the quotes of this line do not fit; it was left out: "a"b"',
    ]);
  });

  it('keeps to its bounds: variants, images, lengths', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `a,${n ? '' : 'A'},Size,${n},1,https://x.example/${n}.jpg\n`);
    const { products, problems, counts } = await parse([
      'Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n',
      ...rows,
      `b,${'x'.repeat(300)},,,1,\n`,
    ]);
    expect(products.map((product) => [product.variants.length, product.images?.length])).toEqual([
      [250, 250],
      [1, 0],
    ]);
    expect(products[1]?.fields?.title).toHaveLength(255);
    expect(new Set(problems.map((problem) => problem.code))).toEqual(
      new Set(['too_many_variants', 'too_many_images', 'too_long']),
    );
    expect([counts.skipped, products[0]?.skippedRows]).toEqual([0, 50]);
  });

  it('gathers rows that stand apart within a batch, and gives out batches of bounded size', async () => {
    const near = await parse(['Handle,Title,Option1 Value,Variant Price\n', 'a,A,S,1\n', 'b,B,,2\n', 'a,,M,3\n']);
    expect(near.products.map(({ handle, variants }) => [handle, variants.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    const { batches } = await parse(generateCatalog({ products: 900, seed: 2 }));
    expect(batches.flat()).toHaveLength(900);
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(201);
  });

  it('reads back every product that the generator writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 40 }), async (seed, count) => {
        const { products, problems } = await parse(generateCatalog({ products: count, seed }));
        expect(problems).toEqual([]);
        const written = Array.from({ length: count }, (_, place) => sampleProduct(place, seed));
        expect(products.map(readBack)).toEqual(
          written.map(({ options, variants, seoTitle, ...product }) => ({
            ...product,
            seoTitle: seoTitle || null,
            options: options.length > 0 ? options : ['Title'],
            variants: variants.map(({ optionValues, barcode, ...variant }) => ({
              ...variant,
              barcode: barcode || null,
              optionValues: optionValues.length > 0 ? optionValues : ['Default Title'],
            })),
          })),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('survives any text in any cell', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '-', '"', ',', '\n', '\0', '1', '.', '\uFFFD', '😀', ' '),
      maxLength: 6,
    });
    const header =
      'Handle,Title,Tags,Option1 Value,Variant SKU,Variant Price,Variant Grams,Variant Inventory Qty,Image Src\n';
    const row = fc.tuple(cell, cell, cell, cell, cell, cell, cell, cell, cell);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
        const { products, counts } = await parse([header, ...rows.map(toCsvLine)]);
        const used = products.reduce((sum, product) => sum + product.rows - product.skippedRows, 0);
        const skippedInProducts = products.reduce((sum, product) => sum + product.skippedRows, 0);
        expect(used + skippedInProducts + counts.skipped).toBe(counts.rows);
        expect(JSON.stringify(products)).not.toContain('\\u0000');
      }),
    );
  });
});

/** A parsed product in the generator's words. */
function readBack({ handle, fields, optionNames, variants, images }: ParsedProduct) {
  return {
    handle,
    title: fields?.title,
    descriptionHtml: fields?.descriptionHtml,
    vendor: fields?.vendor,
    type: fields?.type,
    tags: fields?.tags,
    published: fields?.status === 'published',
    seoTitle: fields?.seoTitle,
    options: optionNames,
    images: images?.map(({ url, alt }) => ({ url, alt })),
    variants: variants.map((variant) => ({
      optionValues: variant.optionValues,
      sku: variant.sku,
      barcode: variant.barcode,
      grams: variant.grams,
      usdMinor: variant.prices.get('USD')?.amountMinor,
      usdCompareAtMinor: variant.prices.get('USD')?.compareAtMinor ?? undefined,
      eurMinor: variant.prices.get('EUR')?.amountMinor,
      quantity: variant.stock.onHand,
      backorder: variant.stock.policy === 'backorder',
      requiresShipping: variant.requiresShipping,
    })),
  };
}
