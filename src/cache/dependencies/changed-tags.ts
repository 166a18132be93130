import type { DependencyDeclaration, KindName, ReachedIds } from './declaration.js';
import type { TagForm } from './tag-form.js';

export interface ChangeLimits {
  readonly whole: string;
  /** Beyond this many tags the whole is dropped instead. */
  readonly mostTags: number;
  readonly onWhole: () => void;
}

/** The tags that the changes of one write drop. Bounded: a change that reaches too much drops everything of its feature. */
export class ChangedTags<D extends DependencyDeclaration> {
  private tags = new Set<string>();
  private isWhole = false;

  constructor(
    private readonly reached: ReadonlyMap<string, readonly TagForm[]>,
    private readonly limits: ChangeLimits,
  ) {}

  /**
   * Something of the kind changed, came or went. Where the ids of a kind are missing, the whole is dropped.
   * @param ids of all that it reaches, by kind
   */
  changed<K extends KindName<D>>(kind: K, ids: ReachedIds<D, K>): this {
    const given: { readonly [kind: string]: Iterable<string> | undefined } = ids;
    const reached = this.reached.get(kind);
    if (!reached) this.dropWhole();
    for (const form of reached ?? []) {
      const named = form.named ? given[form.kind] : [''];
      if (!named) this.dropWhole();
      for (const id of named ?? []) this.add(form.prefix + id);
    }
    return this;
  }

  list(): readonly string[] {
    return [...this.tags];
  }

  private add(tag: string): void {
    if (this.isWhole) return;
    this.tags.add(tag);
    if (this.tags.size > this.limits.mostTags) this.dropWhole();
  }

  private dropWhole(): void {
    if (this.isWhole) return;
    this.isWhole = true;
    this.tags = new Set([this.limits.whole]);
    this.limits.onWhole();
  }
}
