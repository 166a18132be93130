// What a feature declares about its cached data: which kinds of things change, and which kinds show them.
import type { EventName } from '../../platform/event-map.js';
import type { CategoryName, CategoryPolicy, cachePolicy } from '../cache-policy.js';

/** One kind of thing that changes, or that shows what changes. */
export interface DependencyKind {
  /** The tag of its cached copies. `x:<id>` is one for each, a word without `<…>` one for all. */
  readonly tag?: string;
  /** The table it is stored in, whose triggers write the same tags. */
  readonly table?: string;
  /** The kinds that show it: a change of it also changes them, and whatever shows them. */
  readonly shownBy?: readonly string[];
  /** A value that shows more than `most` of them carries the one tag of `instead`, which shows them all. */
  readonly many?: { readonly most: number; readonly instead: string };
}

/** The dependencies of one feature. Which tags each category carries stands in its policy row. */
export interface DependencyDeclaration {
  readonly feature: string;
  /** Tells every process of a change, also of one that was made with plain SQL. */
  readonly event: EventName;
  readonly kinds: Readonly<Record<string, DependencyKind>>;
  /** The kind that every category of the feature carries: it is dropped where a change would drop too many tags. */
  readonly whole: string;
  readonly categories: readonly CategoryName[];
}

export type Policies = Readonly<Record<CategoryName, CategoryPolicy>>;

export type KindName<D extends DependencyDeclaration> = keyof D['kinds'] & string;

type TagOf<D extends DependencyDeclaration, K extends KindName<D>> = D['kinds'][K] extends {
  readonly tag: infer T extends string;
}
  ? T
  : never;

/** Kinds with one tag for each id (`x:<id>`). */
type Named<D extends DependencyDeclaration> = {
  [K in KindName<D>]: [TagOf<D, K>] extends [never] ? never : TagOf<D, K> extends `${string}<${string}` ? K : never;
}[KindName<D>];

type ShownBy<D extends DependencyDeclaration, K extends KindName<D>> = D['kinds'][K] extends {
  readonly shownBy: readonly (infer S)[];
}
  ? S & KindName<D>
  : never;

type Reached<D extends DependencyDeclaration, K extends KindName<D>> =
  K extends KindName<D> ? K | Reached<D, ShownBy<D, K>> : never;

/** What a change has to name: the ids of all that it reaches. A new edge makes the compiler ask for its ids. */
export type ReachedIds<D extends DependencyDeclaration, K extends KindName<D>> = {
  readonly [R in Reached<D, K> & Named<D>]: Iterable<string>;
};

/** Kinds whose tag stands in the policy row of the category. */
type CarriedBy<D extends DependencyDeclaration, C extends CategoryName> = {
  [K in KindName<D>]: [TagOf<D, K>] extends [never]
    ? never
    : TagOf<D, K> extends (typeof cachePolicy)[C]['tags'][number]
      ? K
      : never;
}[KindName<D>];

/** What a value of the category shows: ids, or `true` for a kind that has one tag for all. */
export type ShownIds<D extends DependencyDeclaration, C extends CategoryName> = {
  readonly [K in CarriedBy<D, C>]?: K extends Named<D> ? readonly string[] : true;
};
