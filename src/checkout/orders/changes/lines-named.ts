import { AppError, invalidField } from '../../../platform/errors.js';
import type { LineLeft } from './order-lines-left.js';

interface Named {
  readonly variantId: string;
  readonly quantity: number;
}

/**
 * Finds the lines that a request names, and refuses quantities that are no longer there.
 * @param leftOf how many units of a line may still be named
 * @throws AppError `validation_failed`, `exceeds_order`
 */
export function linesNamed(
  named: readonly Named[],
  lines: readonly LineLeft[],
  leftOf: (line: LineLeft) => number,
): { readonly line: LineLeft; readonly quantity: number }[] {
  const found = named.map(({ variantId, quantity }, i) => {
    const line = lines.find((one) => one.variantId === variantId);
    if (!line) throw invalidField(`lines.${i}.variantId`, 'not_in_order', 'is not a variant of this order');
    return { line, quantity };
  });
  const excess = found.filter(({ line, quantity }) => quantity > leftOf(line));
  if (excess.length === 0) return found;
  throw new AppError('exceeds_order', {
    detail: 'More units were named than are left. Nothing was changed. Read the order again.',
    extra: {
      lines: excess.map(({ line, quantity }) => ({
        variantId: line.variantId,
        requested: quantity,
        left: leftOf(line),
      })),
    },
  });
}
