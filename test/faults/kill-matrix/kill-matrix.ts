// The matrix: every durable step, before and after, ended or frozen, crossed with what happens to the stores meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../local/servers/free-port.ts';
import { eventually } from '../../support/eventually.js';
import { HttpClient } from '../../support/http-client.js';
import { startPostgres, type TestPostgres } from '../../support/postgres-server.js';
import { createRandom, type Random } from '../../support/random.js';
import { startRedisLayers, type TestRedisLayers } from '../../support/redis-servers.js';
import { query } from '../../support/shop-state.js';
import type { Loose } from '../../support/shopper.js';
import { stockProducts } from '../../support/stock.js';
import { Buyer } from './buyer.js';
import { type Crash, crashPointNames, type Fault, type Ordered } from './crash-points.js';
import { type Mutant, type MutantName, mutants } from './mutants.js';
import { whatIsWrong } from './oracles.js';
import { PatientClient } from './patient-client.js';
import { ShopProcess } from './shop-process.js';

const ADMIN_KEY = 'admin-key-of-the-kill-matrix';
const RECOVERY_MS = 600;
/** A point that is not reached by then has no buyer who needs it just now. */
const REACHED_WITHIN_MS = 5_000;
/** A step that stalls goes on when its attempt has been taken over. */
const STALL_MS = 2 * RECOVERY_MS;
const BUYERS = 6;

const FAULTS: readonly Fault[] = ['none', 'Redis killed', 'none', 'Redis flushed', 'PostgreSQL stopped'];

interface LoadedShop {
  readonly shop: ShopProcess;
  /** Where it will serve. */
  readonly url: string;
}

export interface Cycle {
  readonly ordered: Ordered;
  readonly fault: Fault;
}

const CRASHES: readonly Crash[] = [
  'kill before',
  'freeze before',
  'kill after',
  'stall before',
  'kill before',
  'freeze after',
  'kill after',
  'stall after',
];

/** Each point before one of them comes again, and with each crash in eight rounds; the store's fault and the call at random. */
export function planCycles(count: number, random: Random): Cycle[] {
  const all = CRASHES.flatMap((_, round) =>
    random.shuffle(crashPointNames.map((at, i) => ({ at, crash: CRASHES[(i + round) % CRASHES.length]! }))),
  );
  return Array.from({ length: count }, (_, i) => ({
    ordered: orderOf(all[i % all.length]!, random.integer(1, 3)),
    fault: random.pick(FAULTS),
  }));
}

/** The cycles in which a mutant shows. */
export function cyclesOf({ crash, fault = 'none' }: Mutant): Cycle[] {
  return [1, 2, 3].map((nth) => ({ ordered: orderOf(crash, nth), fault }));
}

function orderOf(crash: Pick<Ordered, 'at' | 'crash'>, nth: number): Ordered {
  return { ...crash, nth, stallMs: STALL_MS };
}

export class KillMatrix {
  private running: ShopProcess | undefined;
  /** Processes that have loaded the application and wait for their turn, the next crash and one without. */
  private readonly waiting: { next?: LoadedShop | undefined; calm?: LoadedShop | undefined } = {};
  private url = '';
  private readonly closing = new AbortController();
  private readonly mutant: Mutant | undefined;

  private constructor(
    private readonly postgres: TestPostgres,
    private readonly redis: TestRedisLayers,
    private readonly mutantName: MutantName | undefined,
    private readonly round: number,
  ) {
    this.mutant = mutantName && mutants[mutantName];
  }

  /** @param round buyers of another one choose otherwise */
  static async start(mutant?: MutantName, round = 0): Promise<KillMatrix> {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedisLayers()]);
    return new KillMatrix(postgres, redis, mutant, round);
  }

  /** Runs the cycles under buyers who do not give up. @returns what is wrong in the end, and how many points were reached */
  async run(cycles: readonly Cycle[]): Promise<{ wrong: string[]; reached: number; orders: number; told: number }> {
    const variantIds = await this.openShop();
    let over = false;
    const client = new PatientClient(() => this.url, this.closing.signal);
    const buyers = Array.from(
      { length: BUYERS },
      (_, i) => new Buyer(client, createRandom(`buyer ${i} of round ${this.round}`), variantIds, this.mutant?.habits),
    );
    const buying = Promise.all([
      ...buyers.map((buyer) => buyer.buyUntil(() => over)),
      this.mutant?.arePricesSteady || this.changePricesUntil(variantIds, () => over),
    ]);
    // Waited for below; when a cycle throws, that is what is told, and nobody hears what becomes of them.
    buying.catch(() => {});
    let reached = 0;
    try {
      for (const [i, cycle] of cycles.entries()) reached += (await this.cycle(cycle, cycles[i + 1])) ? 1 : 0;
      await this.running?.kill();
      await this.start(await this.calm());
    } finally {
      over = true;
    }
    await buying;
    const told = buyers.flatMap((buyer) => buyer.told);
    const wrong = await this.wrongAtRest(told);
    const [{ n } = { n: 0 }] = await query<{ n: number }>(this.stores, 'SELECT count(*)::int AS n FROM orders');
    return { wrong, reached, orders: n, told: told.length };
  }

  async close(): Promise<void> {
    this.closing.abort();
    const processes = [this.running, this.waiting.next?.shop, this.waiting.calm?.shop];
    await Promise.all(processes.map((shop) => shop?.kill()));
    await Promise.all([this.postgres.remove(), this.redis.remove()]);
  }

  private get stores() {
    return { database: { url: this.postgres.url } };
  }

  private get client() {
    return new HttpClient(this.url, { authorization: `Bearer ${ADMIN_KEY}` });
  }

  private async openShop(): Promise<string[]> {
    await this.start(await this.calm());
    if (this.mutant?.sql) await query(this.stores, this.mutant.sql);
    const products = Array.from({ length: 4 }, (_, i) => ({ handle: `thing-${i}`, onHand: i === 0 ? 12 : 100_000 }));
    const variants = await stockProducts({ http: this.client, admin: this.client }, products);
    return variants.map(({ variantId }) => variantId);
  }

  /** @returns whether the point was reached */
  private async cycle({ ordered, fault }: Cycle, following: Cycle | undefined): Promise<boolean> {
    const loaded = this.waiting.next ?? (await this.load(ordered));
    await this.running?.kill();
    const shop = await this.start(loaded);
    this.waiting.next = following && (await this.load(following.ordered));
    if (ordered.crash.startsWith('freeze')) await this.loadCalm();
    const reached = await Promise.race([
      Promise.race([shop.crashed, shop.ended]).then(() => true),
      sleep(REACHED_WITHIN_MS, false),
    ]);
    if (ordered.crash.startsWith('freeze') && reached) await this.takeOver(shop, fault);
    else if (ordered.crash.startsWith('stall') && reached) await this.outlive(shop, fault);
    else {
      await shop.kill();
      await this.inflict(fault);
    }
    return reached;
  }

  /** Another process does the work of one that seems dead; then that one wakes up and goes on where it was. */
  private async takeOver(frozen: ShopProcess, fault: Fault): Promise<void> {
    await this.inflict(fault);
    this.running = undefined;
    await this.start(await this.calm());
    await sleep(2 * RECOVERY_MS);
    frozen.thaw();
    await sleep(RECOVERY_MS);
    await frozen.kill();
  }

  /** The shop goes on while one step of it takes long; recovery takes the attempt over meanwhile. */
  private async outlive(shop: ShopProcess, fault: Fault): Promise<void> {
    await this.inflict(fault);
    await sleep(STALL_MS + RECOVERY_MS);
    await shop.kill();
  }

  private async inflict(fault: Fault): Promise<void> {
    const { operational, session } = this.redis;
    if (fault === 'Redis killed') {
      await Promise.all([operational.kill9(), session.kill9()]);
      await Promise.all([operational.start(), session.start()]);
    }
    if (fault === 'Redis flushed') await operational.flush();
    if (fault === 'PostgreSQL stopped') {
      await this.postgres.kill9();
      await this.postgres.start();
    }
  }

  private async start({ shop, url }: LoadedShop): Promise<ShopProcess> {
    this.running = shop;
    await shop.begin();
    this.url = url;
    return shop;
  }

  /** Takes the process without a crash. */
  private async calm(): Promise<LoadedShop> {
    await this.loadCalm();
    const { calm } = this.waiting;
    this.waiting.calm = undefined;
    return calm!;
  }

  private async loadCalm(): Promise<void> {
    this.waiting.calm ??= await this.load();
  }

  private async load(crash?: Ordered): Promise<LoadedShop> {
    const port = await freePort();
    const { operational, application, session } = this.redis.urls;
    const env = {
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: String(port),
      DATABASE_URL: this.postgres.url,
      REDIS_OPERATIONAL_URL: operational,
      REDIS_APPLICATION_URL: application,
      REDIS_SESSION_URL: session,
      AUTH_SECRET: 'secret-of-the-kill-matrix-secret-of-the-kill-matrix',
      TIERSHOP_ADMIN_KEY: ADMIN_KEY,
      HOLD_TTL_S: '10',
      PAYMENT_TIMEOUT_MS: String(RECOVERY_MS / 3),
      PAYMENT_RECOVERY_AFTER_MS: String(RECOVERY_MS),
    };
    return { shop: ShopProcess.load(env, { crash, mutant: this.mutantName }), url: `http://127.0.0.1:${port}` };
  }

  /** So that some orders are refused at the last moment, when their money is authorized. */
  private async changePricesUntil([, ...variantIds]: readonly string[], over: () => boolean): Promise<void> {
    while (!over()) {
      await query(
        this.stores,
        'UPDATE variant_prices SET amount_minor = 1000 + (amount_minor + 1) % 50 WHERE variant_id = ANY($1)',
        [variantIds.slice(0, 2)],
      ).catch(() => {});
      await sleep(100);
    }
  }

  /** Waits for recovery: what is wrong for longer than that is wrong. */
  private async wrongAtRest(told: Parameters<typeof whatIsWrong>[1]): Promise<string[]> {
    let wrong: string[] = [];
    await eventually(
      async () => {
        wrong = [...(await whatIsWrong(this.stores, told)), ...(await this.wrongInRedis())];
        if (wrong.length > 0) throw new Error(wrong.join('\n'));
      },
      this.mutant ? 8_000 : 25_000,
    ).catch(() => {});
    return wrong;
  }

  /** At rest Redis has the levels of PostgreSQL, and no hold is left of anybody. */
  private async wrongInRedis(): Promise<string[]> {
    const levels = await query<{ variant_id: string }>(this.stores, 'SELECT variant_id FROM inventory_levels');
    const wrong = await Promise.all(
      levels.map(async ({ variant_id: variantId }) => {
        const { body } = await this.client.get<Loose>('/v1/admin/inventory', { query: { variantId } });
        const { postgres, redis, totals } = body;
        return redis?.onHand === postgres.onHand && totals.held === 0
          ? []
          : [`${variantId}: PostgreSQL ${postgres.onHand}, Redis ${redis?.onHand}, held ${totals.held}`];
      }),
    );
    return wrong.flat();
  }
}
