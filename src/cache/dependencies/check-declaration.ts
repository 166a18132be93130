// Rules that a declaration must meet before the shop starts. Each keeps a change from missing a document.
import type { DependencyDeclaration, Policies } from './declaration.js';
import { reachOf } from './reach.js';
import { isNamed, mayBeMistaken } from './tag-form.js';

/** @throws Error that names every fault: cycles by their path, tags that nobody drops or carries, rows that differ */
export function checkDeclaration(declaration: DependencyDeclaration, policies: Policies): void {
  const faults = [
    ...faultsOfEdges(declaration),
    ...faultsOfTags(declaration),
    ...faultsOfRows(declaration, policies),
    ...faultsOfPlaces(declaration, policies),
  ];
  if (faults.length > 0) throw new Error(`the dependencies of ${declaration.feature}: ${faults.join('; ')}`);
}

function faultsOfEdges({ kinds }: DependencyDeclaration): string[] {
  const faults = Object.keys(kinds).flatMap((kind) => {
    try {
      reachOf(kinds, kind);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  return [...new Set(faults)];
}

function faultsOfTags({ kinds, whole }: DependencyDeclaration): string[] {
  const tags = Object.values(kinds).flatMap(({ tag }) => tag ?? []);
  const faults: string[] = [];
  const wholeTag = kinds[whole]?.tag;
  if (wholeTag === undefined || isNamed(wholeTag)) faults.push(`${whole} needs one tag for all`);
  for (const tag of tags) {
    const others = tags.filter((other) => other !== tag && mayBeMistaken(tag, other));
    if (others.length > 0) faults.push(`${tag} could be taken for ${others.join(' and ')}`);
    if (isNamed(tag) && !/^[^<>]+<[^<>]+>$/.test(tag)) faults.push(`${tag} must end with its one <name>`);
  }
  if (new Set(tags).size < tags.length) faults.push('two kinds have one tag');
  return faults;
}

/** A policy row lists only declared tags, always the tag of the whole, and the feature's event. */
function faultsOfRows({ kinds, whole, event, categories }: DependencyDeclaration, policies: Policies): string[] {
  const declared = new Map(Object.entries(kinds).map(([kind, { tag }]) => [tag, kind]));
  return categories.flatMap((category) => {
    const { tags, invalidatedBy } = policies[category];
    const faults = tags
      .filter((tag) => !declared.has(tag))
      .map((tag) => `the policy row ${category} has the tag ${tag}, which no kind has`);
    if (!tags.includes(kinds[whole]?.tag ?? '')) faults.push(`the policy row ${category} lacks the tag of ${whole}`);
    if (!invalidatedBy.includes(event)) faults.push(`the policy row ${category} is not invalidated by ${event}`);
    return faults;
  });
}

/** Some category carries every tag that is dropped, and a tag that stands for many is dropped with each of them. */
function faultsOfPlaces({ kinds, categories }: DependencyDeclaration, policies: Policies): string[] {
  const rows = categories.map((category) => policies[category]);
  return Object.entries(kinds).flatMap(([name, { tag, many }]) => {
    if (tag === undefined) return many ? [`${name} has no tag that another could stand for`] : [];
    if (!rows.some((row) => row.tags.includes(tag))) return [`no category carries ${tag} of ${name}`];
    if (!many) return [];
    const { instead } = many;
    const wide = kinds[instead]?.tag;
    if (wide === undefined || isNamed(wide) || !safeReach(kinds, name).includes(instead)) {
      return [`${instead} stands for many ${name}, and does not show them all`];
    }
    return rows.some((row) => row.tags.includes(tag) && row.tags.includes(wide))
      ? []
      : [`no policy row has both ${tag} and ${wide}, which stands for many`];
  });
}

/** A cycle is reported once, by `faultsOfEdges`. */
function safeReach(kinds: DependencyDeclaration['kinds'], name: string): readonly string[] {
  try {
    return reachOf(kinds, name);
  } catch {
    return [];
  }
}
