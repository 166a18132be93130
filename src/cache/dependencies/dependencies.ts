// The declared dependencies of one feature at run time: which tags a value carries when it is loaded, and which tags a
// change drops. None of this runs when a cached value is read.
import type { CategoryName } from '../cache-policy.js';
import { ChangedTags } from './changed-tags.js';
import { checkDeclaration } from './check-declaration.js';
import type { DependencyDeclaration, Policies, ShownIds } from './declaration.js';
import { reachOf } from './reach.js';
import { hasForm, type TagForm, tagForm } from './tag-form.js';

/** How often a change was too wide to name what it drops, by who noticed it. */
export class WholeClears {
  /** A writer of this process. */
  writer = 0;
  /** The database: the event named the whole. */
  event = 0;
}

/** What shows what in one feature: the tags of its values, and the tags that its changes drop. */
export class Dependencies<const D extends DependencyDeclaration> {
  readonly clears = new WholeClears();
  /** Tags of events that no kind has: triggers and declaration differ. */
  undeclared = 0;
  /** Carried by every value of the feature. */
  readonly whole: string;
  private readonly forms: ReadonlyMap<string, TagForm>;
  private readonly reached: ReadonlyMap<string, readonly TagForm[]>;

  /** @throws Error when the declaration has a cycle, passes a limit, or differs from the policy rows */
  constructor(
    readonly declaration: D,
    policies: Policies,
    private readonly mostTags: number,
  ) {
    checkDeclaration(declaration, policies);
    const { kinds, whole } = declaration;
    this.whole = kinds[whole]?.tag ?? '';
    const forms = Object.entries(kinds).flatMap(([kind, { tag }]) => (tag === undefined ? [] : [tagForm(kind, tag)]));
    this.forms = new Map(forms.map((form) => [form.kind, form]));
    this.reached = new Map(
      Object.keys(kinds).map((kind) => [kind, reachOf(kinds, kind).flatMap((name) => this.forms.get(name) ?? [])]),
    );
  }

  /** The tags of a value, or of a "not found", that shows these. */
  carried<C extends D['categories'][number] & CategoryName>(_category: C, shown: ShownIds<D, C>): string[] {
    const tags = [this.whole];
    for (const [kind, ids] of Object.entries(shown) as [string, readonly string[] | true][]) {
      const form = this.forms.get(kind);
      if (!form) continue;
      if (ids === true) tags.push(form.prefix);
      else if (ids.length > this.mostOf(kind)) tags.push(this.insteadOf(kind));
      else for (const id of ids) tags.push(form.prefix + id);
    }
    return tags;
  }

  /** Collects what changes of one write drop. */
  changes(): ChangedTags<D> {
    return new ChangedTags<D>(this.reached, {
      whole: this.whole,
      mostTags: this.mostTags,
      onWhole: () => {
        this.clears.writer++;
      },
    });
  }

  /** Notes what an event of the database names. */
  heard(tags: readonly string[]): void {
    if (tags.includes(this.whole)) this.clears.event++;
    for (const tag of tags) if (!this.isDeclared(tag)) this.undeclared++;
  }

  private isDeclared(tag: string): boolean {
    return [...this.forms.values()].some((form) => hasForm(tag, form));
  }

  private mostOf(kind: string): number {
    return this.declaration.kinds[kind]?.many?.most ?? Number.POSITIVE_INFINITY;
  }

  private insteadOf(kind: string): string {
    return this.forms.get(this.declaration.kinds[kind]?.many?.instead ?? '')?.prefix ?? this.whole;
  }
}
