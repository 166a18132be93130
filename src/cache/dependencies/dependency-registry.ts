import type { EventName } from '../../platform/event-map.js';
import type { DependencyDeclaration, Policies } from './declaration.js';
import { Dependencies } from './dependencies.js';
import { mayBeMistaken } from './tag-form.js';

/** What is the same for the dependencies of every feature. */
export type AnyDependencies = Pick<
  Dependencies<DependencyDeclaration>,
  'declaration' | 'clears' | 'undeclared' | 'heard'
>;

/** The declared dependencies of all features. No two share a category or a tag. */
export class DependencyRegistry {
  private readonly declared: AnyDependencies[] = [];

  /** @param mostTags a change that would drop more drops the whole of its feature */
  constructor(
    private readonly policies: Policies,
    private readonly mostTags: number,
  ) {}

  /** @throws Error when it has a cycle, passes a limit, differs from the policy rows, or declares what another one has */
  declare<const D extends DependencyDeclaration>(declaration: D): Dependencies<D> {
    const dependencies = new Dependencies<D>(declaration, this.policies, this.mostTags);
    for (const other of this.declared) refuseOverlap(declaration, other.declaration);
    this.declared.push(dependencies);
    return dependencies;
  }

  all(): readonly AnyDependencies[] {
    return this.declared;
  }

  /** Notes the tags that an event of the database names. */
  heard(event: EventName, tags: readonly string[]): void {
    for (const one of this.declared) if (one.declaration.event === event) one.heard(tags);
  }
}

function refuseOverlap(one: DependencyDeclaration, other: DependencyDeclaration): void {
  const shared = one.categories.filter((category) => other.categories.includes(category));
  const tagsOf = ({ kinds }: DependencyDeclaration) => Object.values(kinds).flatMap(({ tag }) => tag ?? []);
  const tags = tagsOf(one).filter((tag) =>
    tagsOf(other).some((theirs) => mayBeMistaken(tag, theirs) || mayBeMistaken(theirs, tag)),
  );
  if (shared.length + tags.length > 0) {
    throw new Error(`${one.feature} and ${other.feature} both declare ${[...shared, ...tags].join(', ')}`);
  }
}
