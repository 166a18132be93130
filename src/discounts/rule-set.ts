// The rules themselves: one zod schema is the admin's request, the stored document and the cached bundle.
import { z } from 'zod';
import { plainText } from '../platform/http/plain-text.js';
import { currencyCode, MAX_AMOUNT_MINOR } from '../platform/money.js';

/** Most discounts in one rule set; all of them are read and cached together. */
const MAX_DISCOUNTS = 1_000;

/** Codes are compared without regard to case; this is the form in which they are kept. */
export const normaliseCode = (code: string): string => code.toUpperCase();

/** A discount code as people type it: 1 to 40 ASCII letters, digits and `_ . -`; read as capitals. */
export const discountCode = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/,
    'must be 1 to 40 letters, digits or _ . - and begin with a letter or digit',
  )
  .transform(normaliseCode)
  .meta({ description: 'Compared without regard to case.', example: 'WELCOME10' });

const positiveMoney = z.strictObject({ amount: z.int().min(1).max(MAX_AMOUNT_MINOR), currency: currencyCode });

/** One amount for each currency the rule knows. */
const amountsByCurrency = z
  .array(positiveMoney)
  .min(1)
  .max(50)
  .superRefine((amounts, ctx) => {
    reportRepeated(
      amounts.map((one) => one.currency),
      (index) => ctx.addIssue({ code: 'custom', message: 'names a currency twice', path: [index, 'currency'] }),
    );
  });

const discountValue = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('percentage'), basisPoints: z.int().min(1).max(10_000) }),
    z.strictObject({ kind: z.literal('fixed'), amounts: amountsByCurrency }),
  ])
  .meta({ description: '`basisPoints` are hundredths of a percent: 1000 is 10 %.' });

export const discountRule = z
  .strictObject({
    code: discountCode,
    title: plainText(1, 120).meta({ example: 'Ten percent off' }),
    value: discountValue,
    minSubtotals: amountsByCurrency.optional().describe('The cart must be worth at least this, before discounts.'),
    startsAt: z.iso.datetime({ offset: true }).optional(),
    endsAt: z.iso.datetime({ offset: true }).optional().describe('The first moment at which it no longer applies.'),
    usageLimit: z.int().min(1).max(1_000_000_000).optional().describe('Orders that may use it, over all versions.'),
    combinable: z.boolean().default(true).describe('May be used together with other combinable codes.'),
  })
  .superRefine((rule, ctx) => {
    if (rule.startsAt && rule.endsAt && Date.parse(rule.endsAt) <= Date.parse(rule.startsAt)) {
      ctx.addIssue({ code: 'custom', message: 'must be later than startsAt', path: ['endsAt'] });
    }
  });

export const discountRules = z
  .array(discountRule)
  .max(MAX_DISCOUNTS)
  .superRefine((rules, ctx) => {
    reportRepeated(
      rules.map((rule) => rule.code),
      (index) => ctx.addIssue({ code: 'custom', message: 'is there twice', path: [index, 'code'] }),
    );
  });

export const ruleSet = z.object({ version: z.int().min(0), discounts: discountRules });

export type DiscountRule = z.infer<typeof discountRule>;

/** A published version: never changes. Version 0 has no discounts. */
export type RuleSet = z.infer<typeof ruleSet>;

function reportRepeated(values: readonly string[], report: (index: number) => void): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) report(index);
    seen.add(value);
  }
}
