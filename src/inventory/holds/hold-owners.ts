import { Injectable } from '@nestjs/common';

/** @returns those of these holds whose owner has ended some time ago, so that nothing should be held for it any more */
export type FindEnded = (holdIds: readonly string[]) => Promise<readonly string[]>;

/** Inventory knows of no checkout: whoever takes holds and notes elsewhere when they are over says here which are. */
@Injectable()
export class HoldOwners {
  private readonly owners: FindEnded[] = [];

  register(findEnded: FindEnded): void {
    this.owners.push(findEnded);
  }

  async ended(holdIds: readonly string[]): Promise<readonly string[]> {
    if (holdIds.length === 0) return [];
    return (await Promise.all(this.owners.map((findEnded) => findEnded(holdIds)))).flat();
  }
}
