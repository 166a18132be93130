import { hash } from 'node:crypto';

/**
 * A cached document: the JSON bytes that are sent as they are, with their strong entity tag. The value is parsed when
 * it is asked for; it is frozen, since every reader of the process gets the same one.
 */
export class CachedDocument<T> {
  private parsed: T | undefined;
  private tagHeader: string | undefined;
  private ownsBytes = false;

  constructor(
    private body: Buffer,
    readonly etag: string,
    readonly tags: readonly string[],
    private readonly keepsValue: boolean,
  ) {}

  /** Makes the document of a value that the origin gave. */
  static of<T>(value: T, tags: readonly string[], keepsValue: boolean): CachedDocument<T> {
    const bytes = Buffer.from(JSON.stringify(value));
    return new CachedDocument<T>(bytes, etagOf(bytes), tags, keepsValue);
  }

  get bytes(): Buffer {
    return this.body;
  }

  /** Gives the bytes memory of their own: as a slice they would keep the whole network chunk or pool they were cut from. */
  own(): void {
    if (this.ownsBytes) return;
    const copy = Buffer.allocUnsafeSlow(this.body.length);
    this.body.copy(copy);
    this.body = copy;
    this.ownsBytes = true;
  }

  /** The frozen value. Unless its category keeps values, it is parsed at each call. */
  get value(): T {
    if (this.parsed !== undefined) return this.parsed;
    const value: T = deepFreeze(JSON.parse(this.bytes.toString('utf8')));
    if (this.keepsValue) this.parsed = value;
    return value;
  }

  /** The tags as a `Cache-Tag` header for purging at the edge: the category first, cut where headers become too long. */
  cacheTagHeader(category: string): string {
    if (this.tagHeader === undefined) {
      let header = category;
      for (const tag of this.tags) {
        if (header.length + tag.length + 1 > MAX_TAG_HEADER) break;
        header += `,${tag}`;
      }
      this.tagHeader = header;
    }
    return this.tagHeader;
  }

  /** What the document takes in memory, roughly: parsed JSON takes some three times its text. */
  get memoryBytes(): number {
    return OVERHEAD_BYTES + this.bytes.length * (this.keepsValue ? 4 : 1) + this.tags.length * 64;
  }
}

const OVERHEAD_BYTES = 400;
const MAX_TAG_HEADER = 4_096;

/** A strong entity tag (RFC 9110, section 8.8.3): the same bytes have the same tag in every process. */
export function etagOf(bytes: Buffer): string {
  return `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`;
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
