import { describe, expect, test } from '@jest/globals';
import { describeSettings } from './describe-settings.js';
import { doubtfulSettings } from './doubtful-settings.js';
import { ConfigError, loadConfig } from './load-config.js';

const servers = { DATABASE_URL: 'postgres://u:p@h/db', REDIS_URL: 'redis://h' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  test('REDIS_URL serves every layer that has no URL of its own', () => {
    const { redisUrls } = loadConfig({ ...servers, REDIS_SESSION_URL: 'redis://other' });
    expect(redisUrls).toEqual({ operational: 'redis://h', application: 'redis://h', session: 'redis://other' });
  });

  test('every wrong variable is named at once, with its value', () => {
    const problems = problemsOf({ PORT: 'x', LOG_LEVEL: 'loud', TAX_INCLUSIVE: 'yes', WARM_RULES_CRON: 'often' });
    for (const name of [
      'DATABASE_URL',
      'REDIS_OPERATIONAL_URL',
      'PORT',
      'LOG_LEVEL',
      'TAX_INCLUSIVE',
      'WARM_RULES_CRON',
    ]) {
      expect(problems.some((problem) => problem.startsWith(`${name}: `))).toBe(true);
    }
    expect(problems.find((problem) => problem.startsWith('PORT'))).toContain('"x"');
    expect(problemsOf({ ...servers, PORT: '1e99' })).toHaveLength(1);
  });

  test('what is misspelt is told with what is missing for it', () => {
    const stripe = { STRIPE_SECRET: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_x' };
    expect(() => loadConfig({ ...servers, ...stripe })).toThrow(
      /STRIPE_SECRET_KEY: is missing.*STRIPE_SECRET is no setting.*Did you mean STRIPE_SECRET_KEY/s,
    );
  });

  test('a secret is never repeated', () => {
    const all = problemsOf({
      ...servers,
      AUTH_SECRET: 'short-secret',
      TIERSHOP_ADMIN_KEY: 'tiny',
      DATABASE_URL: 'mysql://u:hunter2@h',
    });
    expect(all).toHaveLength(3);
    expect(all.join()).not.toMatch(/short-secret|tiny|hunter2/);
  });

  test('production needs a lasting secret, and the default currency a shipping rate', () => {
    expect(problemsOf({ ...servers, NODE_ENV: 'production' })).toHaveLength(1);
    expect(problemsOf({ ...servers, DEFAULT_CURRENCY: 'CHF' })).toHaveLength(1);
    expect(problemsOf({ ...servers, SHIPPING_FLAT_RATES: 'USD=5.00' })).toHaveLength(1);
    expect(loadConfig({ ...servers, SHIPPING_FLAT_RATES: 'USD=500, EUR=450' }).SHIPPING_FLAT_RATES).toEqual({
      USD: 500,
      EUR: 450,
    });
  });

  test('origins are named as browsers name them', () => {
    const origins = (CORS_ORIGINS: string) => loadConfig({ ...servers, CORS_ORIGINS }).CORS_ORIGINS;
    expect(origins('')).toEqual([]);
    const two = ['https://shop.example', 'http://localhost:5173'];
    expect(origins(' https://shop.example, http://localhost:5173,https://shop.example')).toEqual(two);
    expect(origins('http://[::1]:8080')).toEqual(['http://[::1]:8080']);
  });

  test.each([
    ['*', '"*" has a *, which matches nothing here; name each origin in full'],
    ['https://*.a.example', '"https://*.a.example" has a *, which matches nothing here; name each origin in full'],
    ['shop.example', '"shop.example" has no scheme; write https://shop.example or http://shop.example'],
    ['localhost:5173', '"localhost:5173" has no scheme; write https://localhost:5173 or http://localhost:5173'],
    ['https://shop.example/', '"https://shop.example/" ends with a slash; write https://shop.example'],
    ['https://shop.example/a', '"https://shop.example/a" has a path; write https://shop.example'],
    [
      'HTTPS://Shop.example/',
      '"HTTPS://Shop.example/" has capital letters and ends with a slash; write https://shop.example',
    ],
    ['https://a.example:443', '"https://a.example:443" names the usual port; write https://a.example'],
    ['http://a.example:80', '"http://a.example:80" names the usual port; write http://a.example'],
    [
      'https://bücher.example',
      '"https://bücher.example" is not how browsers write it; write https://xn--bcher-kva.example',
    ],
    ['ftp://shop.example', '"ftp://shop.example" must begin with https:// or http://'],
    ['https://a.example,', 'must list origins, like https://shop.example, with commas between'],
  ])('an origin that no browser sends is refused: %s', (origin, reason) => {
    expect(problemsOf({ ...servers, CORS_ORIGINS: origin })).toEqual([`CORS_ORIGINS: ${reason} (it is "${origin}")`]);
  });

  test('a wrong origin is told once, however often it is there', () => {
    expect(problemsOf({ ...servers, CORS_ORIGINS: 'a.example,b.example,a.example' })).toHaveLength(2);
  });

  test('what Stripe lacks is named together; without any of it there is no Stripe', () => {
    const missing = (env: Record<string, string>) =>
      problemsOf({ ...servers, ...env }).map((text) => text.split(':')[0]);
    const offered = (env: Record<string, string>) => loadConfig({ ...servers, ...env }).PAYMENT_PROVIDERS;
    expect(offered({})).toEqual(['test', 'manual']);
    expect(missing({ PAYMENT_PROVIDERS: 'stripe' })).toEqual(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']);
    expect(missing({ STRIPE_SECRET_KEY: 'sk_live_x' })).toEqual(['STRIPE_WEBHOOK_SECRET']);
    const stripe = { STRIPE_SECRET_KEY: 'sk_live_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' };
    const production = { NODE_ENV: 'production', AUTH_SECRET: 'x'.repeat(32) };
    expect(offered({ ...production, ...stripe })).toEqual(['stripe']);
    expect(offered(production)).toEqual([]);
    expect(offered({ ...production, PAYMENT_PROVIDERS: 'manual, test' })).toEqual(['manual', 'test']);
  });

  test('a production without a payment provider is told, and nothing else is', () => {
    const told = (env: Record<string, string>) => doubtfulSettings(loadConfig({ ...servers, ...env }));
    const production = { NODE_ENV: 'production', AUTH_SECRET: 'x'.repeat(32) };
    expect(told(production)).toEqual([expect.stringMatching(/No payment provider.*Set STRIPE_SECRET_KEY/)]);
    expect(told({ ...production, PAYMENT_PROVIDERS: 'manual' })).toEqual([]);
    expect(told({})).toEqual([]);
  });

  test('every setting is described', () => {
    for (const { name, description } of describeSettings()) expect([name, description]).not.toEqual([name, '']);
  });

  test.each([
    ['LOG_REQUESTS', '`all`, `changes`, `errors`'],
    ['TRUST_PROXY', '`true`, `false`'],
    ['HOLD_TTL_S', '10 to 86400'],
    ['MAX_QUANTITY_PER_CUSTOMER', '1 to 1000000'],
    ['AUTH_SECRET', 'must have at least 32 characters'],
    ['WARM_RULES_CRON', 'must be a cron expression, like "0 */6 * * *"'],
    ['HOST', ''],
    ['TIERSHOP_DATA_DIR', ''],
  ])('what %s may be is read from its schema: %s', (name, allowed) => {
    expect(describeSettings().find((row) => row.name === name)?.allowed).toBe(allowed);
  });
});
