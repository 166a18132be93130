import { Injectable } from '@nestjs/common';

/** @returns those of these holds whose owner ended some time ago, and so needs no stock held any more */
export type FindEnded = (holdIds: readonly string[]) => Promise<readonly string[]>;

/** Inventory knows of no checkout: a feature that takes holds registers here how to tell which of them are over. */
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
