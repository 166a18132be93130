// Reads the settings of a process from its environment, and checks them together.
import type { z } from 'zod';
import { type Config, type Environment, type PaymentProviderName, type Settings, settings } from './config.js';
import { unknownSettings } from './unknown-settings.js';
import { inWords } from './validation-words.js';

/** Names every wrong setting at once, and what is misspelt: a setting may be missing only because of that. */
export class ConfigError extends Error {
  constructor(
    readonly problems: readonly string[],
    readonly misspelt: readonly string[],
  ) {
    super(`Wrong settings:\n${[...problems, ...misspelt].map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** The settings of this process, with `more` in place of its own; misspelt variables are reported on standard error. */
export function configOfProcess(more: Environment = {}): Config {
  const config = loadConfig({ ...process.env, ...more });
  for (const text of unknownSettings(process.env)) process.stderr.write(`${text}\n`);
  return config;
}

/** Reads and checks the environment. @throws ConfigError naming every wrong variable. */
export function loadConfig(env: Environment = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settings.safeParse(given, { error: inWords });
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describeProblem(issue, given));
  const urlOf = (name: `REDIS_${'OPERATIONAL' | 'APPLICATION' | 'SESSION'}_URL`) => {
    if (given[name] ?? given.REDIS_URL) return given[name] ?? given.REDIS_URL ?? '';
    problems.push(`${name}: is missing (set it, or REDIS_URL for all layers)`);
    return '';
  };
  const redisUrls = {
    operational: urlOf('REDIS_OPERATIONAL_URL'),
    application: urlOf('REDIS_APPLICATION_URL'),
    session: urlOf('REDIS_SESSION_URL'),
  };
  if (given.NODE_ENV === 'production' && !given.AUTH_SECRET) {
    problems.push('AUTH_SECRET: is missing (production needs a lasting secret of 32 characters or more)');
  }
  if (parsed.success && parsed.data.SHIPPING_FLAT_RATES[parsed.data.DEFAULT_CURRENCY] === undefined) {
    problems.push(`SHIPPING_FLAT_RATES: has no rate for DEFAULT_CURRENCY ${parsed.data.DEFAULT_CURRENCY}`);
  }
  if (parsed.success && parsed.data.PAYMENT_RECOVERY_AFTER_MS < 3 * parsed.data.PAYMENT_TIMEOUT_MS) {
    problems.push(
      'PAYMENT_RECOVERY_AFTER_MS: must be at least three times PAYMENT_TIMEOUT_MS, or recovery takes over what still runs',
    );
  }
  const providers = parsed.success ? offeredProviders(parsed.data) : [];
  if (providers.includes('stripe')) problems.push(...missingForStripe(given));
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)], unknownSettings(env));
  const {
    REDIS_URL: _all,
    REDIS_OPERATIONAL_URL: _o,
    REDIS_APPLICATION_URL: _a,
    REDIS_SESSION_URL: _s,
    ...rest
  } = parsed.data;
  return Object.freeze({
    ...rest,
    redisUrls,
    PAYMENT_PROVIDERS: providers,
    AUTH_SECRET: rest.AUTH_SECRET ?? randomSecret(),
  });
}

function offeredProviders(given: Settings): readonly PaymentProviderName[] {
  if (given.PAYMENT_PROVIDERS) return given.PAYMENT_PROVIDERS;
  const hasStripe = given.STRIPE_SECRET_KEY !== undefined || given.STRIPE_WEBHOOK_SECRET !== undefined;
  return [
    ...(given.NODE_ENV === 'production' ? [] : (['test', 'manual'] as const)),
    ...(hasStripe ? (['stripe'] as const) : []),
  ];
}

function missingForStripe(given: Environment): string[] {
  return ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']
    .filter((name) => !given[name])
    .map((name) => `${name}: is missing (the payment provider stripe needs it)`);
}

const secretSettings = /SECRET|KEY|URL/;

function describeProblem(issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0]);
  const value = given[name];
  if (value === undefined) return `${name}: is missing`;
  return secretSettings.test(name) ? `${name}: ${issue.message}` : `${name}: ${issue.message} (it is "${value}")`;
}

function randomSecret(): string {
  return `${crypto.randomUUID()}${crypto.randomUUID()}`;
}
