import { toHandle } from '../import/cell-values.js';
import { Random } from './random.js';
import { type Choices, type Department, departments, lines } from './sample-words.js';

export interface SampleVariant {
  readonly optionValues: readonly string[];
  readonly sku: string;
  readonly barcode: string;
  readonly grams: number;
  readonly usdMinor: number;
  readonly usdCompareAtMinor: number | undefined;
  readonly eurMinor: number;
  /** Undefined: nobody counts it. */
  readonly quantity: number | undefined;
  readonly backorder: boolean;
  readonly requiresShipping: boolean;
}

export interface SampleProduct {
  readonly handle: string;
  readonly title: string;
  readonly descriptionHtml: string;
  readonly vendor: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly published: boolean;
  readonly seoTitle: string;
  readonly options: readonly string[];
  readonly variants: readonly SampleVariant[];
  readonly images: readonly { readonly url: string; readonly alt: string }[];
}

/** The product at a place of the catalogue of this seed. No two places have the same title. */
export function sampleProduct(place: number, seed: number): SampleProduct {
  const shelf = place % departments.length;
  const department = departments[shelf];
  if (!department) throw new RangeError('there are no departments');
  const random = new Random(seed, place);
  const { line, material, thing, round } = nameAt(
    Math.floor(place / departments.length),
    seed + shelf * 131,
    department,
  );
  const title = [line, material, thing[0], ...(round > 0 ? [`No. ${round + 1}`] : [])].join(' ');
  const handle = toHandle(title);
  const choices = random.pick(department.choices);
  return {
    handle,
    title,
    descriptionHtml: describe(title, department, random),
    vendor: random.pick(department.vendors),
    type: department.name,
    tags: [line, material, ...(random.oneIn(4) ? ['New'] : []), ...(random.oneIn(9) ? ['Gift'] : [])],
    published: !random.oneIn(60),
    seoTitle: random.oneIn(3) ? `${title} | ${department.name}` : '',
    options: choices.map(([name]) => name),
    variants: variantsOf(choices, thing, `${department.code}-${String(place + 1).padStart(6, '0')}`, random),
    images: Array.from({ length: random.from(1, 3) }, (_, index) => ({
      url: `https://images.example.com/catalog/${handle}-${index + 1}.jpg`,
      alt: index === 0 ? title : `${title}, view ${index + 1}`,
    })),
  };
}

/** Walks through all names of the department in steps that share no divisor with their number: each comes once a round. */
function nameAt(index: number, offset: number, { materials, things }: Department) {
  const total = lines.length * materials.length * things.length;
  let step = Math.floor(total * 0.618);
  while (greatestCommonDivisor(step, total) > 1) step += 1;
  const name = ((index % total) * step + ((offset >>> 0) % total)) % total;
  const thing = things[Math.floor(name / lines.length) % things.length];
  const material = materials[Math.floor(name / lines.length / things.length)];
  const line = lines[name % lines.length];
  if (!line || !material || !thing) throw new RangeError(`there is no name ${name}`);
  // "Oak Oak Tray" would be odd.
  return { line: line === material ? 'Old' : line, material, thing, round: Math.floor(index / total) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function describe(title: string, { name, features }: Department, random: Random): string {
  const first = random.below(features.length);
  const items = [0, 1, 2].map((offset) => `<li>${features[(first + offset) % features.length]}</li>`);
  const intro = random.pick([
    `The ${title} is made in small numbers, for daily use.`,
    `A ${name.toLowerCase()} classic, thought through once more: the ${title}.`,
    `Those who know the ${title} call it "simply right".`,
  ]);
  return `<p>${intro}</p>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function variantsOf(
  choices: Choices,
  [, dollars, grams]: readonly [string, number, number],
  sku: string,
  random: Random,
): SampleVariant[] {
  const baseMinor = (dollars + random.below(Math.ceil(dollars / 2))) * 100 + random.pick([0, 50, 90, 95]);
  const reduced = random.oneIn(6);
  return combinations(choices).map((optionValues, index) => {
    const download = optionValues.includes('E-book');
    const usdMinor = baseMinor + (choices.length === 1 ? index * Math.ceil(dollars / 10) * 100 : 0);
    return {
      optionValues,
      sku: choices.length === 0 ? sku : `${sku}-${String(index + 1).padStart(2, '0')}`,
      barcode: random.oneIn(3) ? String(4_000_000_000_000 + random.below(999_999_999)) : '',
      grams: download ? 0 : grams + random.below(Math.ceil(grams / 10)),
      usdMinor,
      usdCompareAtMinor: reduced ? Math.ceil((usdMinor * 5) / 4 / 100) * 100 : undefined,
      eurMinor: Math.floor((usdMinor * 23) / 25),
      quantity: download ? undefined : stockOf(random),
      backorder: random.oneIn(12),
      requiresShipping: !download,
    };
  });
}

/** Some things are sold out, some nearly so. */
function stockOf(random: Random): number {
  if (random.oneIn(16)) return 0;
  return random.oneIn(7) ? random.from(1, 5) : random.from(6, 250);
}

function combinations(choices: Choices): string[][] {
  return choices.reduce<string[][]>(
    (rows, [, values]) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
}
