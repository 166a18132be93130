// The one place where settings are named, described, checked and given their defaults. `load-config.ts` reads them.
import { z } from 'zod';
import { isCurrency } from './money.js';
import { namedOrigins } from './named-origins.js';
import { cron, flag, PAYMENT_PROVIDERS, paymentProviders, ratesByCurrency, redisUrl, whole } from './setting-kinds.js';

export const settings = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development').describe('What kind of run this is.'),
  ROLE: z
    .enum(['api', 'worker', 'all'])
    .default('all')
    .describe(
      '`api` answers HTTP, `worker` runs relays, folds and schedules (and answers only `/health` and `/metrics`), `all` does both.',
    ),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on; 0.0.0.0 lets other machines in, which a container needs.'),
  PORT: whole(0, 65_535).default(3000).describe('Port to listen on; 0 takes a free one.'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'must look like postgres://user:password@host:5432/database')
    .describe('PostgreSQL, the source of truth.'),
  DATABASE_POOL_MAX: whole(2, 500).default(16).describe('Most connections to PostgreSQL from this process.'),
  DATABASE_STATEMENT_TIMEOUT_MS: whole(100, 600_000).default(15_000).describe('A statement running longer is ended.'),
  REDIS_URL: redisUrl.optional().describe('Redis for every layer that has no URL of its own.'),
  REDIS_OPERATIONAL_URL: redisUrl.optional().describe('Operational layer: levels, holds, checkout state, locks.'),
  REDIS_APPLICATION_URL: redisUrl.optional().describe('Application layer: cached catalogue and rule sets.'),
  REDIS_SESSION_URL: redisUrl.optional().describe('Session layer: carts, preferences, login limits.'),
  REDIS_COMMAND_TIMEOUT_MS: whole(10, 60_000).default(1_000).describe('Deadline of one Redis command.'),
  MIGRATE_ON_START: flag.default(true).describe('Apply migrations before serving.'),
  IMPORT_SAMPLE_ON_EMPTY: flag
    .default(false)
    .describe(
      'Import the sample catalogue when there is no product yet. `npm start` says `true` where the database is its own.',
    ),
  AUTH_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Signs customer tokens. Required in production; elsewhere a random one is made at each start; `npm start` keeps one in `.data/`.',
    ),
  TIERSHOP_ADMIN_KEY: z
    .string()
    .min(16)
    .optional()
    .describe(
      'API key for administration, beside those that were made: the way back in when they are lost. Without it the first start makes one and prints it once.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Log level.'),
  LOG_REQUESTS: z
    .enum(['all', 'changes', 'errors'])
    .default('changes')
    .describe(
      'Which requests get a log line: all, those that change something or fail or are slow, or only failed and slow.',
    ),
  SLOW_REQUEST_MS: whole(1, 600_000).default(1_000).describe('A request taking longer is logged as slow.'),
  TRUST_PROXY: flag.default(false).describe('Believe X-Forwarded-* headers of a proxy in front.'),
  CORS_ORIGINS: namedOrigins
    .default([])
    .describe(
      'Origins whose pages may use the API from a browser, each named in full, with commas between. Without it no other origin may.',
    ),
  BODY_LIMIT_BYTES: whole(1_024, 100_000_000).default(262_144).describe('Largest JSON body.'),
  IMPORT_LIMIT_BYTES: whole(1_024, 10_000_000_000).default(200_000_000).describe('Largest CSV body of an import.'),
  SHUTDOWN_TIMEOUT_MS: whole(100, 600_000).default(10_000).describe('How long running requests may take at shutdown.'),
  DEFAULT_CURRENCY: z
    .string()
    .refine(isCurrency, 'must be an ISO 4217 code')
    .default('USD')
    .describe('Currency of carts and imported prices that name none.'),
  SHIPPING_FLAT_RATES: ratesByCurrency
    .prefault('USD=500,EUR=500,GBP=450,JPY=600')
    .describe('Flat shipping rate by currency, in minor units. Its currencies are the ones the shop sells in.'),
  TAX_RATE_BASIS_POINTS: whole(0, 10_000).default(0).describe('The tax rate in hundredths of a percent: 1900 is 19 %.'),
  TAX_INCLUSIVE: flag.default(false).describe('Prices already contain the tax.'),
  RESERVE_AT: z
    .enum(['checkout', 'cart'])
    .default('checkout')
    .describe('When stock is set aside: when a checkout is opened, or already when something is put into a cart.'),
  CART_HOLD_TTL_S: whole(10, 86_400)
    .default(600)
    .describe('How long a cart holds its stock after it was last changed, with RESERVE_AT=cart.'),
  HOLD_TTL_S: whole(10, 86_400).default(900).describe('How long a checkout holds its stock.'),
  MAX_QUANTITY_PER_ORDER: whole(1, 10_000)
    .default(10_000)
    .describe('Most units of one variant in a cart and in an order.'),
  MAX_QUANTITY_PER_CUSTOMER: whole(1, 1_000_000)
    .optional()
    .describe(
      'Most units of one variant that a customer may buy in all orders together; cancelled orders do not count. Without it there is no such limit.',
    ),
  STANDBY_HOLDS_AT_ONCE: whole(1, 100)
    .default(4)
    .describe('While the operational Redis is away: holds that PostgreSQL takes at once, per process.'),
  STANDBY_HOLDS_PER_S: whole(1, 100_000)
    .default(200)
    .describe('While the operational Redis is away: holds that PostgreSQL takes in a second, per process.'),
  STANDBY_LOADS_PER_S: whole(1, 100_000)
    .default(1_000)
    .describe('While the application Redis is away: loads of the cache from PostgreSQL in a second, per process.'),
  TENANT: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must have 1 to 32 of a-z, 0-9 and -')
    .optional()
    .describe(
      'Name of this shop, or of its region, where several with a database each share one operational Redis: its keys begin ' +
        'with it, and its stock is a partition of its own. All processes of a shop must say the same.',
    ),
  INVENTORY_PARTITIONS: whole(1, 16)
    .default(1)
    .describe(
      'Parts of the stock in the operational Redis. 1: a cart is one script. More of them spread over the nodes of a Redis ' +
        'Cluster; a cart may then take a call for each. All processes must say the same.',
    ),
  LOW_STOCK_THRESHOLD: whole(0, 1_000_000)
    .default(5)
    .describe('At or below this many, availability says `low`, unless the level has a threshold of its own.'),
  CHECKOUT_TTL_S: whole(60, 2_592_000).default(86_400).describe('How long an unpaid checkout can be reached.'),
  PAYMENT_TIMEOUT_MS: whole(100, 120_000).default(10_000).describe('Deadline of one call to a payment provider.'),
  PAYMENT_RECOVERY_AFTER_MS: whole(100, 3_600_000)
    .default(30_000)
    .describe('A payment attempt without news for so long is taken over by recovery.'),
  WEBHOOK_ALLOW_PRIVATE: flag
    .default(false)
    .describe('Webhooks may go to plain http and to addresses that are not public, for tests.'),
  PAYMENT_ACTION_TTL_S: whole(30, 86_400)
    .default(900)
    .describe('How long a customer may take to confirm a payment with the bank (3-D Secure).'),
  PAYMENT_PROVIDERS: paymentProviders
    .optional()
    .describe(
      'The payment providers on offer, of `test`, `manual` and `stripe`. Without it: `stripe` when it is set up, and outside production `test` and `manual`.',
    ),
  TEST_PROVIDER_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('Signs the webhooks of the `test` provider. Without it none are taken.'),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_\S+$/, 'must begin with sk_ or rk_')
    .optional()
    .describe('Secret or restricted API key of the Stripe account.'),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\S+$/, 'must begin with whsec_')
    .optional()
    .describe('Signs what Stripe sends to `/v1/payments/stripe/webhook`.'),
  STRIPE_API_URL: z
    .url({ protocol: /^https?$/, error: 'must look like https://host:port' })
    .default('https://api.stripe.com')
    .describe("Where Stripe's API is; another one is for tests."),
  IDEMPOTENCY_TTL_S: whole(3_600, 31_536_000)
    .default(172_800)
    .describe('How long the answer of a request with an Idempotency-Key is kept.'),
  CART_TTL_S: whole(60, 31_536_000).default(2_592_000).describe('How long an untouched cart stays in Redis.'),
  GUEST_DATA_TTL_S: whole(86_400, 315_360_000)
    .default(7_776_000)
    .describe('Carts of guests and checkouts without an order are deleted from PostgreSQL when untouched for so long.'),
  ACCESS_TOKEN_TTL_S: whole(10, 86_400).default(900).describe('Life of a customer access token.'),
  REFRESH_TOKEN_TTL_S: whole(60, 31_536_000).default(2_592_000).describe('Life of a customer refresh token.'),
  CACHE_WARM_START_MS: whole(0, 60_000)
    .default(2_000)
    .describe('How long a start may take for loading the hot keys of before; 0: it does not.'),
  WARM_PRODUCTS_CRON: cron.default('0 */6 * * *').describe('When products are loaded into the cache (cron, UTC).'),
  WARM_RULES_CRON: cron.default('0 */2 * * *').describe('When discount rules are loaded into the cache (cron, UTC).'),
});

export type PaymentProviderName = (typeof PAYMENT_PROVIDERS)[number];
export type Environment = Record<string, string | undefined>;
export type Settings = z.infer<typeof settings>;

/** The checked settings: every variable with its default, and one URL for each Redis layer. */
export type Config = Readonly<
  Omit<
    Settings,
    | 'REDIS_URL'
    | 'REDIS_OPERATIONAL_URL'
    | 'REDIS_APPLICATION_URL'
    | 'REDIS_SESSION_URL'
    | 'AUTH_SECRET'
    | 'PAYMENT_PROVIDERS'
  > & {
    PAYMENT_PROVIDERS: readonly PaymentProviderName[];
    redisUrls: { operational: string; application: string; session: string };
    AUTH_SECRET: string;
  }
>;

/** Nest injection token of the `Config`. */
export const CONFIG = Symbol('CONFIG');
