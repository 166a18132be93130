// Somebody who buys again and again while the shop is ended under their hands, and remembers what they were told.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import type { Answer, Loose } from '../../support/shopper.js';
import type { PatientClient } from './patient-client.js';

/** What a buyer was told in the end about one checkout. */
export interface Told {
  readonly checkoutId: string;
  readonly cartId: string;
  readonly key: string;
  readonly token: string;
  readonly answer: Answer;
}

/** Between two carts: the machine is also for the process that loads meanwhile. */
const BREATH_MS = 50;

/** How buyers behave. */
export interface Habits {
  readonly tokens: readonly string[];
  /** How likely it is that somebody who is paying opens the cart in another tab meanwhile, and pays there as well. */
  readonly comesBack: number;
}

export const usualHabits: Habits = {
  tokens: ['tok_ok', 'tok_ok', 'tok_ok', 'tok_declined', 'tok_timeout_then_ok', 'tok_error'],
  comesBack: 0.2,
};

const ADDRESS = { name: 'Ada', line1: '1 Street', city: 'London', postalCode: 'SW1A 1AA', country: 'GB' };

export class Buyer {
  readonly told: Told[] = [];

  constructor(
    private readonly client: PatientClient,
    private readonly random: Random,
    private readonly variantIds: readonly string[],
    private readonly habits: Habits = usualHabits,
  ) {}

  /** Buys until `enough` says so. A try that was begun is ended. */
  async buyUntil(enough: () => boolean): Promise<void> {
    while (!enough()) {
      await this.buyOnce();
      await sleep(BREATH_MS);
    }
  }

  private async buyOnce(): Promise<void> {
    const lines = this.random
      .shuffle(this.variantIds)
      .slice(0, this.random.integer(1, 2))
      .map((variantId) => ({ variantId, quantity: this.random.integer(1, 2) }));
    const cart = await this.client.send('POST', '/v1/carts', { lines });
    if (cart.status !== 201) return;
    const tabs = this.random.chance(0.25) ? 2 : 1;
    const opened = await Promise.all(Array.from({ length: tabs }, () => this.open(cart.body.id)));
    const paying = opened.map((checkout) => checkout && this.pay(checkout));
    if (this.random.chance(this.habits.comesBack)) paying.push(this.openAndPay(cart.body.id));
    await Promise.all(paying);
  }

  private async openAndPay(cartId: string): Promise<void> {
    const checkout = await this.open(cartId);
    if (checkout) await this.pay(checkout);
  }

  private async open(cartId: string): Promise<Loose | undefined> {
    const opened = await this.client.send('POST', '/v1/checkouts', { cartId, email: 'ada@example.com' });
    if (opened.status !== 201) return undefined;
    await this.client.send('PATCH', `/v1/checkouts/${opened.body.id}`, { shippingAddress: ADDRESS });
    return { ...opened.body, cartId };
  }

  private async pay({ id: checkoutId, cartId }: Loose): Promise<void> {
    const token = this.random.pick(this.habits.tokens);
    for (let tries = 0; tries < 2; tries += 1) {
      const key = randomUUID();
      const body = { payment: { provider: 'test', token } };
      const answer = await this.client.send('POST', `/v1/checkouts/${checkoutId}/complete`, body, key);
      this.told.push({ checkoutId, cartId, key, token, answer });
      if (answer.body.code !== 'price_changed') break;
    }
    if (this.told.at(-1)?.answer.status !== 201) await this.client.send('POST', `/v1/checkouts/${checkoutId}/cancel`);
  }
}
