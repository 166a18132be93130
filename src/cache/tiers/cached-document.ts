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
    /** The JSON: as text until somebody wants to send it or memory keeps it. */
    private json: string | Buffer | undefined,
    private knownEtag: string,
    readonly tags: readonly string[],
    private readonly keepsValue: boolean,
    private parsed?: T,
  ) {}

  /** Makes the document of a value from the origin. If its category keeps values, the value is frozen. */
  static of<T>(value: T, tags: readonly string[], keepsValue: boolean): CachedDocument<T> {
    const json = JSON.stringify(value);
    return new CachedDocument<T>(json, '', tags, keepsValue, keepsValue ? deepFreeze(value) : undefined);
  }

  get bytes(): Buffer {
    if (typeof this.json === 'string') this.json = Buffer.from(this.json);
    return this.json ?? Buffer.from(this.text);
  }

  get text(): string {
    if (typeof this.json === 'string') return this.json;
    return this.json ? this.json.toString('utf8') : JSON.stringify(this.parsed);
  }

  /** Computed on first use: documents read only as values never need it. */
  get etag(): string {
    if (this.knownEtag === '') this.knownEtag = etagOf(this.json ?? this.text);
    return this.knownEtag;
  }

  /** Prepares it for memory: as a slice the bytes would keep the whole network chunk or pool they were cut from. */
  keep(): void {
    if (this.isKept) return;
    this.isKept = true;
    if (this.parsed !== undefined) this.json = undefined;
    if (this.json !== undefined) this.json = bytesOfTheirOwn(this.json);
  }

  /** The value, for reading only. Unless its category keeps values, it is parsed at each call. */
  get value(): T {
    if (this.parsed !== undefined) return this.parsed;
    const value: T = JSON.parse(this.text);
    if (!this.keepsValue || !this.isKept) return value;
    this.parsed = deepFreeze(value);
    this.json = undefined;
    return value;
  }

  /**
   * The tags as a `Cache-Tag` header for purging at the edge: the category first, cut where headers become too long. Handles
   * may be in any script: characters not allowed in such a list are percent-encoded, as in URLs.
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
    const { length } = this.json ?? this.text;
    const bytes = this.keepsValue || typeof this.json !== 'string' ? length : Buffer.byteLength(this.json);
    return OVERHEAD_BYTES + bytes * (this.keepsValue ? 3 : 1) + this.tags.length * 64;
  }
}

const OVERHEAD_BYTES = 400;
const MAX_TAG_HEADER = 4_096;
/** Everything but visible ASCII, and the comma. */
const NOT_IN_TAG_HEADER = /[^!-+\--~]+/g;

function bytesOfTheirOwn(json: string | Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  if (typeof json === 'string') bytes.write(json);
  else json.copy(bytes);
  return bytes;
}

/** A strong entity tag (RFC 9110, section 8.8.3): the same bytes have the same tag in every process. */
function etagOf(json: string | Buffer): string {
  return `"${hash('sha256', json, 'base64url').slice(0, 22)}"`;
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null) return value;
  // Non-objects are skipped before the call, and each object is frozen last: frozen ones are slower to walk through.
  if (Array.isArray(value)) {
    for (const one of value) if (typeof one === 'object') deepFreeze(one);
  } else {
    for (const name in value) if (typeof value[name] === 'object') deepFreeze(value[name]);
  }
  return Object.freeze(value);
}
