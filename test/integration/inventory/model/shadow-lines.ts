// What a hold or an order asks for, as the model has it.

export interface Line {
  readonly variant: number;
  readonly quantity: number;
}

/** Each variant once, in order. */
export function together(lines: readonly Line[]): Line[] {
  const quantities = new Map<number, number>();
  for (const { variant, quantity } of lines) quantities.set(variant, (quantities.get(variant) ?? 0) + quantity);
  return [...quantities].map(([variant, quantity]) => ({ variant, quantity })).sort((a, b) => a.variant - b.variant);
}

export const sameLines = (a: readonly Line[], b: readonly Line[]) => JSON.stringify(a) === JSON.stringify(b);
