/** How one server is loaded in one round. */
export interface LoadPlan {
  readonly host: string;
  readonly port: number;
  /** The process whose CPU time is measured. */
  readonly serverPid: number;
  readonly paths: readonly string[];
  /** `cycle`: again and again until the time is up; `once`: each path at most one time, and the round may end early. */
  readonly order: 'cycle' | 'once';
  /** Sent with every request, beside Host. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every answer must have this status, and nearly every head this text: a round that measured something else fails. */
  readonly expected: { readonly status: number; readonly text: string };
  /** Each has one request under way at any time. */
  readonly connections: number;
  readonly seconds: number;
}

/** What one round of load gave. */
export interface LoadOutcome {
  readonly requests: number;
  /** CPU time of the server while it was loaded. */
  readonly cpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
