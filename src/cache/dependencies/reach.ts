// The transitive part of the graph of kinds. There are a dozen or so, walked at declaration; never on a read.
import type { DependencyDeclaration, DependencyKind, Policies } from './declaration.js';

/** Longer chains, and changes that reach more, are taken for a mistake. */
export const MAX_DEPTH = 8;
export const MAX_REACHED = 16;

type Kinds = Readonly<Record<string, DependencyKind>>;

/**
 * The kind and every kind that shows it, directly or through others, nearest first.
 * @throws Error naming the path of a cycle, an unknown kind, or a limit that is passed
 */
export function reachOf(kinds: Kinds, start: string): readonly string[] {
  const reached = new Set<string>();
  const follow = (name: string, path: readonly string[]): void => {
    const here = [...path, name];
    if (path.includes(name))
      throw new Error(`the dependencies go round: ${here.slice(path.indexOf(name)).join(' → ')}`);
    const kind = kinds[name];
    if (!kind) throw new Error(`no kind is declared under the name ${name}: ${here.join(' → ')}`);
    if (path.length > MAX_DEPTH) throw new Error(`a chain of more than ${MAX_DEPTH} dependencies: ${here.join(' → ')}`);
    // Reached by another path, so already followed. A cycle is found before this, on its own path.
    if (reached.has(name)) return;
    reached.add(name);
    for (const next of kind.shownBy ?? []) follow(next, here);
  };
  follow(start, []);
  if (reached.size > MAX_REACHED) {
    throw new Error(`a change of ${start} reaches ${reached.size} kinds, more than ${MAX_REACHED}`);
  }
  return [...reached];
}

/** What a change of one thing of a kind makes void. */
export interface Effect {
  /** As they are declared: `product:<id>`. */
  readonly tags: readonly string[];
  readonly categories: readonly string[];
}

/** @returns what a change of one thing of this kind makes void, with all that shows it. @throws Error as `reachOf` does */
export function effectOf({ kinds, categories }: DependencyDeclaration, kind: string, policies: Policies): Effect {
  const tags = reachOf(kinds, kind).flatMap((reached) => kinds[reached]?.tag ?? []);
  const carries = (category: (typeof categories)[number]) => policies[category].tags.some((tag) => tags.includes(tag));
  return { tags, categories: categories.filter(carries) };
}
