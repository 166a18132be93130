/** What the shoppers are asked to do in one round: each buys again and again, one full flow after the other. */
export interface FlowPlan {
  readonly host: string;
  readonly port: number;
  /** What is bought: each flow takes one unit of one of them, at random. */
  readonly variantIds: readonly string[];
  /** Each has one request under way at any time. */
  readonly shoppers: number;
  readonly seconds: number;
}

/** What one round gave. A flow is over when its order is answered; what follows it in the background is not waited for. */
export interface FlowOutcome {
  readonly flows: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
