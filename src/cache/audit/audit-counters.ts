/** What audits of a category have found, since the start. */
export class AuditCounters {
  /** Copies that matched the origin. */
  agreed = 0;
  /** Copies that still differed after longer than any invalidation takes. */
  differed = 0;
  /** Copies that differed only while a write was under way. */
  raced = 0;
  lastDifferenceAtMs: number | undefined;

  /** Share of the audited copies that were right, 0 to 1; null before the first one. */
  get consistency(): number | null {
    const audited = this.agreed + this.differed + this.raced;
    return audited === 0 ? null : 1 - this.differed / audited;
  }
}
