// Moves are checked against their table of states: a move in code when it is made, a move in SQL when its statement is
// loaded, so that the shop does not start with one that is not in the table.

/** A table of states: whether one may become the other. */
type MayMove<S extends string> = (from: S, to: S) => boolean;

/** A move as it is put into SQL. */
export interface SqlMove {
  /** The states that it may begin in, for `IN (…)`. */
  readonly from: string;
  readonly to: string;
}

/** @throws Error when one of the states may not become `to` */
export function requireMove<S extends string>(mayMove: MayMove<S>, from: readonly S[], to: S): void {
  const forbidden = from.find((state) => !mayMove(state, to));
  if (forbidden !== undefined) throw new Error(`What is ${forbidden} cannot become ${to}.`);
}

/** A move that a statement makes by itself. @throws Error as `requireMove` */
export function sqlMove<S extends string>(mayMove: MayMove<S>, from: readonly S[], to: S): SqlMove {
  requireMove(mayMove, from, to);
  return { from: from.map(literal).join(', '), to: literal(to) };
}

/** States are our own words, without quotes. */
const literal = (state: string): string => `'${state}'`;
