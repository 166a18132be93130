// What an import file says of one product. `undefined`: the file does not say it (no such column, or an unreadable
// cell), and the shop's value stays. `null` and '' clear the shop's value.

export type ProductStatus = 'published' | 'draft';

/** Fields of the row that carries the title. */
export interface ProductFields {
  readonly title: string;
  readonly descriptionHtml: string | undefined;
  readonly vendor: string | undefined;
  readonly type: string | undefined;
  readonly tags: readonly string[] | undefined;
  readonly status: ProductStatus | undefined;
  /** Of a new product when `status` is undefined. */
  readonly statusOfNew: ProductStatus;
  readonly seoTitle: string | null | undefined;
  readonly seoDescription: string | null | undefined;
}

/** A price to set (minor units) or, when null, to take away. */
export interface ParsedPrice {
  readonly amountMinor: number | null | undefined;
  readonly compareAtMinor: number | null | undefined;
}

export interface ParsedStock {
  /** Undefined: the file does not say how many there are. */
  readonly onHand: number | undefined;
  /** Undefined: the file does not say it. */
  readonly policy: 'deny' | 'backorder' | undefined;
  /** Undefined: the file says neither how many there are nor who counts them. */
  readonly tracked: boolean | undefined;
}

export interface VariantFields {
  readonly sku: string | null | undefined;
  readonly barcode: string | null | undefined;
  readonly grams: number | null | undefined;
  readonly requiresShipping: boolean | undefined;
  readonly taxable: boolean | undefined;
  readonly imageUrl: string | null | undefined;
  readonly prices: ReadonlyMap<string, ParsedPrice>;
  readonly stock: ParsedStock;
}

export interface ParsedVariant extends VariantFields {
  readonly line: number;
  readonly optionValues: readonly string[];
  /** The row gives no option value: it means the one variant of a product without options. */
  readonly namesNoOption: boolean;
  /** The row has no value that only variants have, and no other row of the product has one. */
  readonly isImplied: boolean;
  /** The row gave an image or the product's own fields as well. */
  readonly otherwiseUsed: boolean;
}

export interface ParsedImage {
  readonly line: number;
  readonly url: string;
  readonly position: number | undefined;
  readonly alt: string | null;
}

/** Which product a row belongs to. */
export interface RowHandle {
  readonly handle: string;
  /** The handle was made from a title, or from text that cannot be a handle as it is. */
  readonly derived: boolean;
}

export interface ParsedProduct extends RowHandle {
  /** Of its first row. */
  readonly line: number;
  /** How many rows it has, and how many of them gave nothing. */
  readonly rows: number;
  readonly skippedRows: number;
  /** Absent when no row has a title: then the rows add to an existing product, or cannot be used. */
  readonly fields: ProductFields | undefined;
  /** One for each option in use; undefined where the file gives no name. */
  readonly optionNames: readonly (string | undefined)[];
  readonly variants: readonly ParsedVariant[];
  /** Undefined: the file has no column for images. */
  readonly images: readonly ParsedImage[] | undefined;
  readonly collection: string | undefined;
  /** A row that is or may be of this product was left out: it may have named what the other rows do not. */
  readonly incomplete: boolean;
}

export const DEFAULT_OPTION = 'Title';
export const DEFAULT_OPTION_VALUE = 'Default Title';

export const MAX_VARIANTS = 250;
export const MAX_IMAGES = 250;
