// What allocating must do, worked out from the contract alone: orders one after another, each line from the first level that
// has something. A plain model of several levels; the real thing does the same for a whole batch in one statement.

export interface Shelf {
  readonly variant: number;
  readonly location: number;
  readonly safetyStock: number;
  readonly policy: 'deny' | 'backorder';
  readonly backorderLimit: number | null;
  readonly tracked: boolean;
  onHand: number;
  backordered: number;
  version: number;
}

export interface ShelfLine {
  readonly variant: number;
  readonly quantity: number;
}

/** What one order took of one level. */
export interface ShelfMovement {
  readonly order: string;
  readonly variant: number;
  readonly location: number;
  readonly taken: number;
  readonly owed: number;
  readonly version: number;
}

export class ShadowShelves {
  readonly movements: ShelfMovement[] = [];

  /** @param shelves of each variant in the order in which stock is taken from them */
  constructor(readonly shelves: Shelf[]) {}

  /** @returns whether all of them got everything; if not, nothing was changed */
  allocate(orders: readonly { readonly id: string; readonly lines: readonly ShelfLine[] }[]): boolean {
    const before = structuredClone({ shelves: this.shelves, count: this.movements.length });
    const isServed = orders.every(({ id, lines }) => lines.every((line) => this.take(id, line)));
    if (!isServed) {
      this.shelves.splice(0, this.shelves.length, ...before.shelves);
      this.movements.length = before.count;
    }
    return isServed;
  }

  /** The most that a single order gets of a variant. */
  available(variant: number): number {
    return this.ofVariant(variant).reduce((sum, shelf) => sum + there(shelf) + mayOwe(shelf), 0);
  }

  private take(order: string, { variant, quantity }: ShelfLine): boolean {
    let missing = quantity;
    const took = new Map<Shelf, { taken: number; owed: number }>();
    for (const kind of ['taken', 'owed'] as const) {
      for (const shelf of this.ofVariant(variant)) {
        const units = Math.min(missing, kind === 'taken' ? there(shelf) : mayOwe(shelf));
        missing -= units;
        if (units === 0 || !shelf.tracked) continue;
        const sum = took.get(shelf) ?? { taken: 0, owed: 0 };
        took.set(shelf, sum);
        sum[kind] += units;
        if (kind === 'taken') shelf.onHand -= units;
        else shelf.backordered += units;
      }
    }
    for (const [shelf, sum] of took) {
      shelf.version += 1;
      this.movements.push({ order, variant, location: shelf.location, ...sum, version: shelf.version });
    }
    return missing === 0;
  }

  private ofVariant(variant: number): Shelf[] {
    return this.shelves.filter((shelf) => shelf.variant === variant);
  }
}

function there({ tracked, onHand, safetyStock }: Shelf): number {
  return tracked ? Math.max(0, onHand - safetyStock) : Number.POSITIVE_INFINITY;
}

function mayOwe({ tracked, policy, backorderLimit, backordered }: Shelf): number {
  if (!tracked || policy === 'deny') return 0;
  return backorderLimit === null ? Number.POSITIVE_INFINITY : Math.max(0, backorderLimit - backordered);
}
