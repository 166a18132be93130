// Stock set aside for carts (RESERVE_AT=cart). A hold never changes, so a cart whose lines change gets another one: first
// the new hold is taken, then the cart is written with its id, then the old hold is given back. A hold that a crash leaves
// behind lapses with CART_HOLD_TTL_S.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { InventoryService, type ShortLine } from '../../inventory/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { newSecretId } from '../../platform/ids.js';
import { LOGGER, orWarn } from '../../platform/logging.js';
import type { CartDocument, CartHold } from '../documents/cart-document.js';

type Lines = CartDocument['lines'];

@Injectable()
export class CartHolds {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Sets the stock of a cart aside before it is written. Only lines that grew can be refused: a cart that shrinks is written
   * without a hold when others have its stock by now, and so is any cart while stock cannot be held.
   * @throws AppError `out_of_stock`
   */
  async take(before: CartDocument | undefined, next: CartDocument): Promise<CartDocument> {
    if (this.config.RESERVE_AT !== 'cart' || this.isHeld(next)) return next;
    const { hold: _old, ...cart } = next;
    if (next.lines.length === 0) return cart;
    try {
      const hold = await this.reserve(before, next.lines);
      return hold ? { ...cart, hold } : cart;
    } catch (error) {
      if (error instanceof AppError && error.code === 'unavailable') return cart;
      throw error;
    }
  }

  /** Gives back the hold that a cart had, once it is written with another one; or the new one, when it was not written. */
  async giveBack(had: CartDocument | undefined, has: CartDocument | undefined): Promise<void> {
    if (!had?.hold || had.hold.id === has?.hold?.id) return;
    const { id: holdId, lines: held } = had.hold;
    const lines = held.map(([variantId, quantity]) => ({ variantId, quantity }));
    const releasing = this.inventory.release(holdId, lines, 'cart changed');
    await orWarn(this.logger, releasing, 'the hold of a cart was not given back: it lapses by itself', { holdId });
  }

  /** Whether exactly the lines of the cart are held now. */
  isHeld({ hold, lines }: CartDocument): boolean {
    return hold !== undefined && hold.expiresAtMs > this.clock.nowMs() && isSame(hold.lines, linesOf(lines));
  }

  private async reserve(before: CartDocument | undefined, lines: Lines): Promise<CartHold | undefined> {
    const first = await this.tryReserve(lines);
    if (!('kind' in first)) return first;
    const own = new Map(before && this.isHeld(before) ? before.hold?.lines : []);
    // The cart's own hold is no reason to refuse it.
    const short = first.lines.filter((line) => line.requested > line.available + (own.get(line.variantId) ?? 0));
    if (short.length > 0) return refuseWhatGrew(before, short);
    await this.giveBack(before, undefined);
    const second = await this.tryReserve(lines);
    return 'kind' in second ? refuseWhatGrew(before, second.lines) : second;
  }

  private async tryReserve(lines: Lines): Promise<CartHold | { kind: 'short'; lines: readonly ShortLine[] }> {
    const id = newSecretId();
    const reserved = await this.inventory.reserve({ holdId: id, lines, ttlMs: this.config.CART_HOLD_TTL_S * 1_000 });
    if (reserved.kind === 'short') return { kind: 'short', lines: reserved.lines };
    if (reserved.kind !== 'reserved') throw new Error(`A new hold is ${reserved.kind}.`);
    return { id, expiresAtMs: reserved.expiresAtMs, lines: linesOf(lines) };
  }
}

function refuseWhatGrew(before: CartDocument | undefined, short: readonly ShortLine[]): undefined {
  const had = new Map(before?.lines.map(({ variantId, quantity }) => [variantId, quantity]));
  const refused = short.filter(({ variantId, requested }) => requested > (had.get(variantId) ?? 0));
  if (refused.length === 0) return undefined;
  throw new AppError('out_of_stock', {
    detail: 'There is not enough stock. The cart was not changed.',
    extra: { lines: refused },
  });
}

const linesOf = (lines: Lines): CartHold['lines'] =>
  lines.map(({ variantId, quantity }): [string, number] => [variantId, quantity]).sort(([a], [b]) => (a < b ? -1 : 1));

const isSame = (a: CartHold['lines'], b: CartHold['lines']) => JSON.stringify(a) === JSON.stringify(b);
