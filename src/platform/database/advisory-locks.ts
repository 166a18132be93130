/** Advisory locks of PostgreSQL by the numbers that name them: they share one space, so all of them are listed here. */
export const ADVISORY_LOCKS = {
  /** Exclusive, by a connection: while migrations are applied. */
  migrations: 7_450_371,
  /** Exclusive, by a connection: for as long as an import of products runs. */
  productImport: 7_450_372,
  /** In a transaction: shared while orders use discount codes, exclusive while a code begins to be counted. */
  discountUsages: 7_450_373,
} as const;
