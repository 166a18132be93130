import { hash } from 'node:crypto';

/**
 * A cached document: the JSON bytes that are sent as they are, with their strong entity tag, and the value that they
 * stand for. Memory keeps one of the two: bytes that each reader parses, or a frozen value from which the bytes can be
 * written again. A value is for reading only; one that many share is frozen.
 */
export class CachedDocument<T> {
  private tagHeader: string | undefined;
  private isKept = false;

  constructor(
    private body: Buffer | undefined,
    private knownEtag: string,
    readonly tags: readonly string[],
    private readonly keepsValue: boolean,
    private parsed?: T,
  ) {}

  /** Makes the document of a value that the origin gave. When values are kept, this one is: it is frozen. */
  static of<T>(value: T, tags: readonly string[], keepsValue: boolean): CachedDocument<T> {
    const bytes = bytesOf(value);
    return new CachedDocument<T>(bytes, '', tags, keepsValue, keepsValue ? deepFreeze(value) : undefined);
  }

  get bytes(): Buffer {
    return this.body ?? bytesOf(this.parsed);
  }

  /** Computed when it is first asked for: what is read as a value only never needs it. */
  get etag(): string {
    if (this.knownEtag === '') this.knownEtag = etagOf(this.bytes);
    return this.knownEtag;
  }

  /** Readies it for memory: as a slice the bytes would keep the whole network chunk or pool they were cut from. */
  keep(): void {
    if (this.isKept) return;
    this.isKept = true;
    if (this.parsed !== undefined) this.body = undefined;
    if (!this.body) return;
    const copy = Buffer.allocUnsafeSlow(this.body.length);
    this.body.copy(copy);
    this.body = copy;
  }

  /** The value, for reading only. Unless its category keeps values, it is parsed at each call. */
  get value(): T {
    if (this.parsed !== undefined) return this.parsed;
    const value: T = JSON.parse(this.bytes.toString('utf8'));
    if (!this.keepsValue || !this.isKept) return value;
    this.parsed = deepFreeze(value);
    this.body = undefined;
    return value;
  }

  /**
   * The tags as a `Cache-Tag` header for purging at the edge: the category first, cut where headers become too long.
   * Handles may be of any script: what cannot stand in such a list is percent-encoded, as in addresses.
   */
  cacheTagHeader(category: string): string {
    if (this.tagHeader === undefined) {
      let header = category;
      for (const one of this.tags) {
        const tag = one.replace(NOT_IN_TAG_HEADER, encodeURIComponent);
        if (header.length + tag.length + 1 > MAX_TAG_HEADER) break;
        header += `,${tag}`;
      }
      this.tagHeader = header;
    }
    return this.tagHeader;
  }

  /** What the document takes in memory, roughly: parsed JSON takes some three times its text. */
  get memoryBytes(): number {
    return OVERHEAD_BYTES + this.bytes.length * (this.keepsValue ? 3 : 1) + this.tags.length * 64;
  }
}

const OVERHEAD_BYTES = 400;
const MAX_TAG_HEADER = 4_096;
/** All but visible ASCII without the comma. */
const NOT_IN_TAG_HEADER = /[^!-+\--~]+/g;

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A strong entity tag (RFC 9110, section 8.8.3): the same bytes have the same tag in every process. */
export function etagOf(bytes: Buffer): string {
  return `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`;
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null) return value;
  Object.freeze(value);
  for (const name in value) deepFreeze(value[name]);
  return value;
}
