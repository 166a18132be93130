// The steps of the model-based test: each does the same to the real stores and to the model, compares the answers, and
// then everything the stores contain.
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { HOLDS, type ModelRig } from './model-rig.js';
import type { Line } from './shadow-lines.js';
import { type ShadowLevel, type ShadowStock, UNSTOCKED, VARIANTS } from './shadow-stock.js';

type Step = fc.AsyncCommand<ShadowStock, ModelRig>;
type Work = (shadow: ShadowStock, rig: ModelRig) => Promise<void>;

/** How many steps were taken, over all runs. */
export const taken = { steps: 0 };

const step = (text: string, work: Work, check: (shadow: Readonly<ShadowStock>) => boolean = () => true): Step => ({
  check,
  async run(shadow, rig) {
    taken.steps += 1;
    await work(shadow, rig);
    await rig.check(shadow);
  },
  toString: () => text,
});

const process = fc.nat({ max: 1 });
const hold = fc.nat({ max: HOLDS - 1 });
const line = fc.record({ variant: fc.nat({ max: VARIANTS - 1 }), quantity: fc.integer({ min: 1, max: 6 }) });
const stockedLine = fc.record({ variant: fc.nat({ max: UNSTOCKED - 1 }), quantity: fc.integer({ min: 1, max: 4 }) });
const lines = fc.oneof(
  { weight: 9, arbitrary: fc.array(stockedLine, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }) },
);
const ttl = fc.integer({ min: 1, max: 60 });
const twice = fc.boolean();

/** The lines of a hold that is there, mostly; else other ones. */
const linesFor = (shadow: ShadowStock, holdIndex: number, other: readonly Line[], own: boolean) =>
  (own ? shadow.redis.holds.get(holdIndex)?.lines : undefined) ?? other;

const reserve = fc.record({ process, hold, lines, ttl, own: fc.boolean(), twice }).map((chosen) =>
  step(`reserve ${JSON.stringify(chosen)}`, async (shadow, rig) => {
    const wanted = linesFor(shadow, chosen.hold, chosen.lines, chosen.own);
    if (wanted.length === 0) return;
    for (let time = 0; time <= Number(chosen.twice); time++) {
      const expected = shadow.reserve(chosen.process, chosen.hold, wanted, chosen.ttl);
      const answer = await rig.process(chosen.process).inventory.reserve({
        holdId: rig.holdIds[chosen.hold]!,
        lines: rig.linesOf(wanted),
        ttlMs: chosen.ttl,
      });
      expect(rig.named(answer)).toMatchObject(expected);
    }
  }),
);

const extend = fc
  .record({ process, hold, lines, ttl, maxTotal: fc.integer({ min: 1, max: 120 }), twice })
  .map((chosen) =>
    step(`extend ${JSON.stringify(chosen)}`, async (shadow, rig) => {
      const wanted = linesFor(shadow, chosen.hold, chosen.lines, true);
      if (wanted.length === 0) return;
      for (let time = 0; time <= Number(chosen.twice); time++) {
        const expected = shadow.extend(chosen.process, chosen.hold, wanted, chosen.ttl, chosen.maxTotal);
        const answer = await rig.process(chosen.process).inventory.extend(rig.holdIds[chosen.hold]!, {
          lines: rig.linesOf(wanted),
          ttlMs: chosen.ttl,
          maxTotalMs: chosen.maxTotal,
        });
        expect(rig.named(answer)).toEqual(expected);
      }
    }),
  );

const release = fc.record({ process, hold, lines, own: fc.boolean(), twice }).map((chosen) =>
  step(`release ${JSON.stringify(chosen)}`, async (shadow, rig) => {
    const wanted = linesFor(shadow, chosen.hold, chosen.lines, chosen.own);
    if (wanted.length === 0) return;
    for (let time = 0; time <= Number(chosen.twice); time++) {
      const expected = shadow.release(chosen.hold, wanted);
      const { inventory } = rig.process(chosen.process);
      const answer = await inventory.release(rig.holdIds[chosen.hold]!, rig.linesOf(wanted), 'test');
      expect(answer).toEqual(expected);
    }
  }),
);

class RolledBack extends Error {}

const place = fc.record({ process, hold, lines, commits: fc.boolean() }).map((chosen) =>
  step(`place ${JSON.stringify(chosen)}`, async (shadow, rig) => {
    const orderId = randomUUID();
    const own = linesFor(shadow, chosen.hold, chosen.lines, true);
    const wanted = own.length > 0 ? own : chosen.lines;
    const short = shadow.allocate(orderId, chosen.hold, wanted, chosen.commits);
    const { inventory, database } = rig.process(chosen.process);
    const work = database.transaction(async (tx) => {
      const answer = await inventory.allocate(tx, [{ orderId, lines: rig.linesOf(wanted) }]);
      if (short) expect(rig.named(answer)).toEqual({ kind: 'short', lines: short });
      else expect(answer.kind).toBe('allocated');
      if (answer.kind === 'short' || !chosen.commits) throw new RolledBack();
      rig.answered.set(orderId, answer.levels);
    });
    await work.catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  }),
);

const commit = fc.record({ process, ticket: fc.nat(), given: fc.boolean(), twice }).map((chosen) =>
  step(
    `commit ${JSON.stringify(chosen)}`,
    async (shadow, rig) => {
      const ticket = shadow.tickets[chosen.ticket % shadow.tickets.length]!;
      const { inventory } = rig.process(chosen.process);
      const holdId = rig.holdIds[ticket.hold]!;
      for (let time = 0; time <= Number(chosen.twice); time++) {
        const expected = shadow.commit(chosen.process, ticket, chosen.given);
        if (chosen.given) {
          const levels = rig.answered.get(ticket.orderId)!;
          const answer = await inventory.commit(holdId, ticket.orderId, rig.linesOf(ticket.lines), levels);
          expect(answer).toEqual(expected);
        } else {
          await inventory.commitOrder(ticket.orderId, holdId);
        }
      }
    },
    (shadow) => shadow.tickets.length > 0,
  ),
);

const change = fc
  .record({
    process,
    variant: fc.nat({ max: UNSTOCKED - 1 }),
    onHand: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
    policy: fc.constantFrom('deny' as const, 'deny' as const, 'backorder' as const),
    told: fc.boolean(),
  })
  .map((chosen) =>
    step(`change ${JSON.stringify(chosen)}`, async (shadow, rig) => {
      const { intake, database, mirror } = rig.process(chosen.process);
      const to: Partial<ShadowLevel> = { policy: chosen.policy };
      if (chosen.onHand !== undefined) to.onHand = chosen.onHand;
      const changed = shadow.change(chosen.variant, to);
      await database.transaction((tx) => intake.receive(tx, [rig.intakeRow(chosen.variant, to)], 'count'));
      if (!changed) return;
      if (!chosen.told) {
        shadow.news.push(chosen.variant);
        return;
      }
      shadow.refresh(chosen.process, [chosen.variant]);
      await mirror.refresh([rig.variantIds[chosen.variant]!]);
    }),
  );

const tell = fc.record({ process, news: fc.nat() }).map((chosen) =>
  step(
    `tell ${JSON.stringify(chosen)}`,
    async (shadow, rig) => {
      const variant = shadow.news[chosen.news % shadow.news.length]!;
      shadow.refresh(chosen.process, [variant]);
      await rig.process(chosen.process).mirror.refresh([rig.variantIds[variant]!]);
    },
    (shadow) => shadow.news.length > 0,
  ),
);

const reconcile = process.map((chosen) =>
  step(`reconcile ${chosen}`, async (shadow, rig) => {
    const differing = shadow.reconcile(chosen);
    const report = await rig.process(chosen).reconciliation.reconcile();
    expect({ differing: report.differing, epochRaised: report.epochRaised }).toEqual({ differing, epochRaised: false });
    expect(report.holds.differences).toEqual([]);
  }),
);

const look = process.map((chosen) =>
  step(`look ${chosen}`, async (shadow, rig) => {
    const expected = shadow.available(chosen);
    const answer = await rig.process(chosen).inventory.availability(rig.variantIds);
    expect(answer.map(({ available }) => available)).toEqual(expected);
  }),
);

const wait = fc.integer({ min: 1, max: 30 }).map((ms) =>
  step(`wait ${ms}`, async (shadow, rig) => {
    shadow.now += ms;
    await rig.setTime(shadow.now);
  }),
);

const flush = fc.constant(
  step('flush', async (shadow, rig) => {
    shadow.lose();
    await rig.flush(shadow.now);
  }),
);

const save = fc.constant(
  step('save', async (shadow, rig) => {
    shadow.saved = structuredClone(shadow.redis);
    await rig.save();
  }),
);

const restart = fc.constant(
  step(
    'restart on what was saved',
    async (shadow, rig) => {
      shadow.rollBack(shadow.saved!);
      await rig.restore(shadow.now);
    },
    (shadow) => shadow.saved !== undefined,
  ),
);

/** At rest (invariant 7): everything told, nothing held after its time. */
export async function comeToRest(shadow: ShadowStock, rig: ModelRig): Promise<void> {
  for (const ticket of shadow.tickets) {
    shadow.commit(0, ticket, false);
    await rig.process(0).inventory.commitOrder(ticket.orderId, rig.holdIds[ticket.hold]!);
  }
  shadow.now += 1_000;
  await rig.setTime(shadow.now);
  shadow.reconcile(1);
  await rig.process(1).reconciliation.reconcile();
  const expected = shadow.available(1);
  expect((await rig.process(1).inventory.availability(rig.variantIds)).map(({ available }) => available)).toEqual(
    expected,
  );
  for (const [variant, { onHand }] of shadow.levels) {
    expect(shadow.held(variant)).toBe(0);
    if (expected[variant] !== null) expect(expected[variant]).toBe(onHand);
  }
  await rig.checkAll(shadow);
}

const often = (times: number, arbitrary: fc.Arbitrary<Step>) => Array.from({ length: times }, () => arbitrary);

export const steps = [
  ...often(10, reserve),
  ...often(4, extend),
  ...often(3, release),
  ...often(8, place),
  ...often(8, commit),
  ...often(3, change),
  tell,
  reconcile,
  ...often(3, look),
  ...often(4, wait),
  flush,
  save,
  restart,
];
