// The reference for placing orders: a loop that calls the function of bare-orders.sql, one order a call, over a pool as
// large as the application's.
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { createHistogram } from 'node:perf_hooks';
import pg from 'pg';
import { answerQuestions } from '../harness/answer-questions.ts';

const poolSize = 16;
const nsPerMs = 1e6;

/** How long orders are placed, and of which variants: random ones, or always the same one. */
export interface BareOrdersPlan {
  readonly seconds: number;
  readonly variants: 'uniform' | 'hot';
}

export interface BareOrdersOutcome {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const pool = new pg.Pool({ connectionString: process.env.BARE_DATABASE_URL, max: poolSize });
const { rows } = await pool.query<{ variant_id: string }>('SELECT variant_id FROM bare_levels');
const address = JSON.stringify({ name: 'Ada Lovelace', line1: '12 St James Square', city: 'London', country: 'GB' });

async function place({ seconds, variants }: BareOrdersPlan): Promise<BareOrdersOutcome> {
  const durations = createHistogram();
  const startedAtMs = performance.now();
  const choices = variants === 'hot' ? 1 : rows.length;
  const loop = async () => {
    while (performance.now() - startedAtMs < seconds * 1_000) {
      const beganAtMs = performance.now();
      const variantId = rows[Math.floor(Math.random() * choices)]?.variant_id;
      const placed = await pool.query<{ placed: boolean }>({
        name: 'bare_place',
        text: 'SELECT bare_place($1, $2, $3, 1, $4) AS placed',
        values: [randomUUIDv7(), randomUUID(), variantId, address],
      });
      if (!placed.rows[0]?.placed) throw new Error('A bare order was not placed.');
      durations.record(Math.max(1, Math.round((performance.now() - beganAtMs) * nsPerMs)));
    }
  };
  await Promise.all(Array.from({ length: poolSize }, loop));
  return {
    perSecond: durations.count / ((performance.now() - startedAtMs) / 1_000),
    p50Ms: durations.percentile(50) / nsPerMs,
    p99Ms: durations.percentile(99) / nsPerMs,
  };
}

answerQuestions((plan) => place(plan as BareOrdersPlan));
process.send?.({ type: 'ready' });
