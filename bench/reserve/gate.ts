// The store of stock holds as the application has it compiled, without the rest of the application.
import { type Command, Redis } from 'ioredis';
import { pino } from 'pino';
import type { StockGate } from '../../src/inventory/holds/stock-gate.store.ts';
import type { RedisClient } from '../../src/platform/redis/redis-layers.ts';
import { EPOCH, LOCATION_ID } from './levels.ts';

const built = (file: string): Promise<unknown> => import(new URL(`../../dist/${file}`, import.meta.url).href);
type Built<Module> = Promise<Module>;
const store = await (built('inventory/holds/stock-gate.store.js') as Built<
  typeof import('../../src/inventory/holds/stock-gate.store.ts')
>);
const redis = await (built('platform/redis/redis-layers.js') as Built<
  typeof import('../../src/platform/redis/redis-layers.ts')
>);
const { inventoryScripts } = await (built('inventory/holds/inventory.scripts.js') as Built<
  typeof import('../../src/inventory/holds/inventory.scripts.ts')
>);

/** How many holds the store puts into a call at most. */
export const { HOLDS_OF_A_CALL } = await (built('inventory/holds/reserve-calls.js') as Built<
  typeof import('../../src/inventory/holds/reserve-calls.ts')
>);

const ttlMs = 600_000;
const connectMs = 5_000;
const oneLocation = { ranked: () => [{ id: LOCATION_ID, code: 'main', name: 'Main', rank: 0, active: true }] };
const onePartition = { INVENTORY_PARTITIONS: 1 };

export interface OpenGate {
  readonly gate: StockGate;
  readonly client: RedisClient;
  close(): Promise<void>;
}

/** The store on a connection of its own, with the settings of the application. */
export async function openGate(url: string): Promise<OpenGate> {
  const redisUrls = { operational: url, application: url, session: url };
  const layers = new redis.RedisLayers({ redisUrls, REDIS_COMMAND_TIMEOUT_MS: 5_000 }, pino({ level: 'silent' }));
  const down = await layers.waitUntilUp(connectMs);
  if (down.length > 0) throw new Error(`Redis does not answer at ${url}.`);
  return {
    gate: new store.StockGate(layers, inventoryScripts, oneLocation, onePartition),
    client: layers.client('operational'),
    close: () => layers.close(),
  };
}

/** One unit of each variant. @throws Error when it is refused */
export async function hold(gate: StockGate, holdId: string, variantIds: readonly string[]): Promise<void> {
  const [part] = gate.partsOf(holdId, linesOf(variantIds));
  const reply = await part?.partition.reserve(part, ttlMs, EPOCH);
  if (reply?.kind !== 'reserved') throw new Error(`A hold was refused: ${reply?.kind}.`);
}

export const linesOf = (variantIds: readonly string[]) => variantIds.map((variantId) => ({ variantId, quantity: 1 }));

/** What is asked for in one turn of the event loop. */
export interface AskedHold {
  readonly holdId: string;
  readonly variantIds: readonly string[];
}

/** The EVALSHA that the store sends for such holds. @throws Error when it sends several */
export async function commandOf(holds: readonly AskedHold[]): Promise<string[]> {
  const client = new UnsentHolds(holds.length);
  const gate = new store.StockGate({ client: () => client }, inventoryScripts, oneLocation, onePartition);
  await Promise.all(holds.map(({ holdId, variantIds }) => hold(gate, holdId, variantIds)));
  const [command, ...others] = client.unsent;
  if (!command || others.length > 0) throw new Error(`${holds.length} holds are ${others.length + 1} calls.`);
  return command;
}

/** A client that keeps its commands unsent, and answers that all was held. */
class UnsentHolds extends Redis {
  readonly unsent: string[][] = [];
  private readonly count: number;

  constructor(count: number) {
    super({ lazyConnect: true });
    this.count = count;
  }

  override sendCommand(command: Command): unknown {
    this.unsent.push([command.name.toUpperCase(), ...command.args.map(String)]);
    command.resolve(Array.from({ length: this.count }, () => ['OK', '1', '']));
    return command.promise;
  }
}

/** The text of the script that this EVALSHA names. */
export const reserveScript = inventoryScripts.reserve.source;
