// How the text of each kind of setting is read, and the message for one that cannot be.
import { validateCronExpression } from 'cron';
import { z } from 'zod';
import { isCurrency } from './money.js';

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const cron = z
  .string()
  .refine((text) => validateCronExpression(text).valid, 'must be a cron expression, like "0 */6 * * *"');
export const redisUrl = z
  .string()
  .regex(
    /^(rediss?|redis\+sentinel|redis\+cluster):\/\/\S+$/,
    'must look like redis://host:6379, rediss://…, redis+sentinel://host:26379,host2:26379/mastername or redis+cluster://host:6379,host2:6379',
  );

export const PAYMENT_PROVIDERS = ['test', 'manual', 'stripe'] as const;

const listed = z.string().transform((text) => text.split(',').map((part) => part.trim()));

/** `stripe,manual` → `['stripe', 'manual']`. */
export const paymentProviders = listed.pipe(
  z.array(z.enum(PAYMENT_PROVIDERS, `must list some of ${PAYMENT_PROVIDERS.join(', ')}, with commas between`)),
);

/** `USD=500,EUR=450` → `{ USD: 500, EUR: 450 }`. */
export const ratesByCurrency = z.string().transform((text, ctx) => {
  const rates: Record<string, number> = {};
  for (const part of text.split(',')) {
    const match = /^\s*([A-Z]{3})=(\d{1,9})\s*$/.exec(part);
    if (!match?.[1] || !isCurrency(match[1])) {
      ctx.addIssue({
        code: 'custom',
        message: 'must list CURRENCY=minor units, like USD=500,EUR=450',
      });
      return z.NEVER;
    }
    rates[match[1]] = Number(match[2]);
  }
  return rates;
});
