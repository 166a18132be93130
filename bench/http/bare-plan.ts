/** What a bare server is told to be. One route and nothing else: the least that can send the same answer. */
export interface BarePlan {
  /** The route, with parameters as in Fastify. */
  readonly route: string;
  readonly status: number;
  /** Sent with every answer as they are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly source: BareSource;
}

/** Where a bare server takes its bytes from: this plan, one GET by the id in the path, or one prepared query by it. */
export type BareSource =
  | { readonly kind: 'bytes'; readonly base64: string }
  | { readonly kind: 'redis'; readonly url: string; readonly keyPrefix: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly query: string };
