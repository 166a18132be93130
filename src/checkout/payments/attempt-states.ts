// The states of a payment attempt and the moves between them; those of its checkout are in `session/transitions.ts`. Pure.
// Every move is checked against this table, including those made in SQL (`moves.ts`).

export const ATTEMPT_STATES = [
  'paying',
  'authorized',
  'placed',
  'captured',
  'declined',
  'voiding',
  'voided',
  'review',
] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

const next: Record<AttemptState, readonly AttemptState[]> = {
  paying: ['paying', 'authorized', 'declined', 'voiding', 'voided'],
  authorized: ['authorized', 'placed', 'declined', 'voiding', 'voided'],
  placed: ['captured', 'voiding', 'review'],
  // Something happened to captured money that a person has to know.
  captured: ['review'],
  // Money that turns up after the end is given back.
  declined: ['voiding'],
  voiding: ['voided', 'review'],
  voided: ['voiding'],
  // It may stay in review for another reason.
  review: ['review', 'captured', 'voiding', 'voided'],
};

/** Whether an attempt may go from one state to the other. */
export function mayAttemptMove(from: AttemptState, to: AttemptState): boolean {
  return next[from].includes(to);
}

/** What a person can do about an attempt. */
export const RESOLUTIONS = ['retry', 'mark-paid', 'void', 'mark-voided', 'acknowledge'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What the possible resolutions depend on. */
export interface Resolvable {
  readonly state: AttemptState;
  /** What failed before the review: `placed`, capturing; `voiding`, giving back; `captured`, keeping the money. */
  readonly reviewOf: 'placed' | 'voiding' | 'captured' | undefined;
  /** The money comes outside the shop. */
  readonly isByHand: boolean;
  readonly isOrderCancelled: boolean;
}

/** The resolutions that a person can choose for an attempt. */
export function resolutionsOf({ state, reviewOf, isByHand, isOrderCancelled }: Resolvable): readonly Resolution[] {
  if (state === 'placed' && isByHand) return isOrderCancelled ? ['void'] : ['mark-paid'];
  if (state !== 'review') return [];
  if (reviewOf === 'captured') return ['acknowledge'];
  if (reviewOf === 'voiding') return ['retry', 'mark-voided'];
  return isOrderCancelled ? ['void'] : ['retry', 'mark-paid'];
}
