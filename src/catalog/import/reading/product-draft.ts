// Gathers the rows of one handle into what the file says of that product.
import type { ImportProblem } from '../import-report.js';
import type { ImportRow } from './import-row.js';
import {
  DEFAULT_OPTION,
  DEFAULT_OPTION_VALUE,
  MAX_IMAGES,
  MAX_VARIANTS,
  type ParsedImage,
  type ParsedProduct,
  type ParsedVariant,
  type ProductFields,
  type RowHandle,
  type VariantFields,
} from './parsed-product.js';

interface VariantRow {
  readonly line: number;
  readonly optionValues: readonly (string | undefined)[];
  readonly fields: VariantFields;
  readonly isImplied: boolean;
  /** The row gave an image or the product's own fields as well. */
  readonly otherwiseUsed: boolean;
}

export class ProductDraft {
  private rows = 0;
  private skippedRows = 0;
  private incomplete = false;
  /** Rows whose variant could not be used. */
  private refusedVariants = 0;
  private firstTitled: ImportRow | undefined;
  private fields: ProductFields | undefined;
  private collection: string | undefined;
  private readonly optionNames: (string | undefined)[] = [];
  private readonly variants: VariantRow[] = [];
  private readonly images = new Map<string, ParsedImage>();

  constructor(
    private readonly name: RowHandle,
    private readonly line: number,
    private readonly hasImageColumn: boolean,
    private readonly report: (problem: ImportProblem) => void,
  ) {}

  add(row: ImportRow): void {
    this.rows += 1;
    const titled = row.fields !== undefined && this.fields === undefined;
    if (titled) {
      this.firstTitled = row;
      this.fields = row.fields;
    }
    this.collection ??= row.collection;
    row.optionNames.forEach((name, index) => {
      this.optionNames[index] ??= name;
    });
    const gaveImage = this.addImage(row.image);
    if (!row.bearsVariant) {
      if (!titled && !gaveImage) this.skip(row.line, 'nothing_new', 'the row says nothing new of the product');
    } else if (this.variants.length < MAX_VARIANTS) {
      this.addVariant(row, titled || gaveImage);
    } else {
      this.incomplete = true;
      this.problem(row.line, 'too_many_variants', `a product has at most ${MAX_VARIANTS} variants`);
      if (!titled && !gaveImage) this.skippedRows += 1;
    }
  }

  /** A row that is or may be of this product could not be used. */
  markIncomplete(): void {
    this.incomplete = true;
  }

  finish(): ParsedProduct {
    const arity = this.arity();
    const variants = this.finishVariants(arity);
    const optionNames = Array.from({ length: arity }, (_, index) => this.optionNames[index]);
    return {
      ...this.name,
      line: this.line,
      rows: this.rows,
      skippedRows: this.skippedRows,
      fields: this.fields,
      optionNames,
      variants,
      images: this.hasImageColumn ? this.finishImages() : undefined,
      collection: this.collection,
      incomplete: this.incomplete,
    };
  }

  private addVariant(row: ImportRow, otherwiseUsed: boolean): void {
    const { line, optionValues } = row;
    const fields = row.readVariant();
    if (fields) this.variants.push({ line, optionValues, fields, isImplied: !row.bearsVariant, otherwiseUsed });
    else {
      this.refusedVariants += 1;
      this.incomplete = true;
      if (!otherwiseUsed) this.skippedRows += 1;
    }
  }

  /** Whether the image can be kept, or was kept before. */
  private addImage(image: ParsedImage | undefined): boolean {
    if (!image) return false;
    if (this.images.has(image.url)) return true;
    if (this.images.size >= MAX_IMAGES) {
      this.incomplete = true;
      this.problem(image.line, 'too_many_images', `a product has at most ${MAX_IMAGES} images`);
      return false;
    }
    this.images.set(image.url, image);
    return true;
  }

  /** How many options are in use: up to the last one that any row names or gives a value. */
  private arity(): number {
    const used = [0, 1, 2].filter(
      (index) =>
        this.optionNames[index] !== undefined || this.variants.some((row) => row.optionValues[index] !== undefined),
    );
    return Math.max(1, (used.at(-1) ?? 0) + 1);
  }

  private finishVariants(arity: number): ParsedVariant[] {
    if (this.variants.length + this.refusedVariants === 0 && this.firstTitled) this.addVariant(this.firstTitled, true);
    const finished = new Map<string, ParsedVariant>();
    for (const row of this.variants) {
      const optionValues = this.optionValuesOf(row, arity);
      if (!optionValues) continue;
      const key = JSON.stringify(optionValues);
      const earlier = finished.get(key);
      if (earlier) {
        this.dropVariant(row, 'duplicate_variant', `line ${earlier.line} has the same options; this one was left out`);
      } else {
        const namesNoOption = row.optionValues.every((value) => value === undefined);
        const { line, isImplied, otherwiseUsed, fields } = row;
        finished.set(key, { line, optionValues, namesNoOption, isImplied, otherwiseUsed, ...fields });
      }
    }
    return [...finished.values()];
  }

  private optionValuesOf(row: VariantRow, arity: number): string[] | undefined {
    const values = row.optionValues.slice(0, arity);
    const names = this.optionNames.filter((name) => name !== undefined);
    const unnamed = names.length === 0 || (names.length === 1 && names[0] === DEFAULT_OPTION);
    const plain = unnamed && this.variants.every(({ optionValues }) => optionValues.every((value) => !value));
    if (plain) return [DEFAULT_OPTION_VALUE];
    const missing = values.indexOf(undefined);
    if (missing === -1) return values.flatMap((value) => value ?? []);
    const name = this.optionNames[missing] ?? `option ${missing + 1}`;
    this.dropVariant(row, 'missing_option_value', `has no value for ${name}; the variant was left out`);
    return undefined;
  }

  private dropVariant(row: VariantRow, code: string, text: string): void {
    this.incomplete = true;
    this.problem(row.line, code, text);
    if (!row.otherwiseUsed) this.skippedRows += 1;
  }

  /** In the order of the given positions; images without one keep their place in the file. */
  private finishImages(): ParsedImage[] {
    const images = [...this.images.values()];
    return images
      .map((image, index) => ({ image, place: image.position ?? index + 1, index }))
      .sort((a, b) => a.place - b.place || a.index - b.index)
      .map(({ image }) => image);
  }

  private skip(line: number, code: string, text: string): void {
    this.incomplete = true;
    this.problem(line, code, text);
    this.skippedRows += 1;
  }

  private problem(line: number, code: string, text: string): void {
    this.report({ line, handle: this.name.handle, code, text });
  }
}
