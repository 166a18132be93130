// What a hold asks of one partition, and how to read the scripts' answers, which name its lines by number.
import type { HoldLine, StockLine } from './hold-lines.js';
import type { Place } from './level-in-redis.js';
import type { ShortLine } from './stock-outcomes.js';

/** Lines of a hold that lie in one partition. */
export interface HoldPart {
  readonly holdId: string;
  /** Each variant once. */
  readonly lines: readonly StockLine[];
  /** Of all lines of the hold, those in other partitions too. */
  readonly fingerprint: string;
  /** Where each line may be taken from, the first choice first. */
  readonly locationIds: readonly string[];
}

/** The places that each line may be taken from; equally many per line. */
export const placesOf = ({ lines, locationIds }: HoldPart): Place[] =>
  lines.flatMap(({ variantId }) => locationIds.map((locationId) => ({ variantId, locationId })));

/** Each line whole at the first of its places. */
export const firstChoiceOf = ({ lines, locationIds: [locationId = ''] }: HoldPart): HoldLine[] =>
  lines.map(({ variantId, quantity }) => ({ variantId, locationId, quantity }));

/** A hold may have stock at locations that are no longer active: these come last. */
export const withLocationsOf = <P extends HoldPart>(part: P, held: readonly Place[]): P => ({
  ...part,
  locationIds: [...new Set([...part.locationIds, ...held.map(({ locationId }) => locationId)])],
});

/** What a script says of the lines that are short. */
export const shortLinesOf = (
  { lines }: HoldPart,
  short: readonly { readonly line: number; readonly available: number }[],
): ShortLine[] =>
  short.flatMap(({ line, available }) => {
    const wanted = lines[line];
    return wanted ? { variantId: wanted.variantId, requested: wanted.quantity, available } : [];
  });

/** What a script says of the lines whose levels are not in Redis. */
export const coldLines = ({ lines }: HoldPart, cold: readonly number[]) => ({
  kind: 'cold' as const,
  variantIds: cold.flatMap((line) => lines[line]?.variantId ?? []),
});
