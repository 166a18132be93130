// Every error a client can get: code, status, title. The generated reference lists this registry.

export const errorRegistry = {
  validation_failed: { status: 400, title: 'The request is not valid' },
  malformed_request: { status: 400, title: 'The request is not HTTP as it should be' },
  malformed_body: { status: 400, title: 'The body cannot be read' },
  webhook_refused: { status: 400, title: 'The webhook is not signed as it should be' },
  idempotency_key_required: { status: 400, title: 'An Idempotency-Key header is required' },
  unauthorized: { status: 401, title: 'Authentication is required' },
  invalid_credentials: { status: 401, title: 'E-mail or password is wrong' },
  payment_declined: { status: 402, title: 'The payment was declined' },
  forbidden: { status: 403, title: 'This key may not do that' },
  not_found: { status: 404, title: 'There is no such thing here' },
  method_not_allowed: { status: 405, title: 'That cannot be done here' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  cart_empty: { status: 409, title: 'The cart is empty' },
  cart_ordered: { status: 409, title: 'The cart has already been ordered' },
  cart_changed: { status: 409, title: 'The cart was changed by several requests at once' },
  email_taken: { status: 409, title: 'There is an account with this e-mail address' },
  handle_taken: { status: 409, title: 'The handle is in use' },
  location_code_taken: { status: 409, title: 'The code of the location is in use' },
  location_in_use: { status: 409, title: 'The location is in use' },
  sku_taken: { status: 409, title: 'The SKU is in use' },
  version_conflict: { status: 409, title: 'It was changed in between' },
  out_of_stock: { status: 409, title: 'There is not enough stock' },
  quantity_limit: { status: 409, title: 'More than may be bought' },
  price_changed: { status: 409, title: 'Prices have changed' },
  hold_expired: { status: 409, title: 'The stock is no longer held' },
  checkout_in_progress: { status: 409, title: 'The checkout is being completed' },
  request_in_progress: { status: 409, title: 'The first request with this key is still running' },
  last_api_key: { status: 409, title: 'It is the last key that can make keys' },
  limit_reached: { status: 409, title: 'There are as many as there may be' },
  order_cancelled: { status: 409, title: 'The order is cancelled' },
  order_shipped: { status: 409, title: 'Something of the order was shipped' },
  order_unpaid: { status: 409, title: 'The order is not paid yet' },
  exceeds_order: { status: 409, title: 'That is more than is left of the order' },
  checkout_closed: { status: 409, title: 'The checkout has ended' },
  checkout_incomplete: { status: 409, title: 'The checkout lacks something' },
  payment_not_resolvable: { status: 409, title: 'The payment cannot be resolved this way' },
  job_running: { status: 409, title: 'The job is running already' },
  import_running: { status: 409, title: 'Another import is running' },
  precondition_failed: { status: 412, title: 'The version is another one' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  payment_provider_unavailable: { status: 502, title: 'The payment provider could not be used' },
  unavailable: { status: 503, title: 'The service cannot do this right now' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The `code` of a problem document. */
export type ErrorCode = keyof typeof errorRegistry;

/** One wrong field: where (`lines.0.quantity`), a stable code, and a sentence for people. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly text: string;
}

export interface AppErrorOptions {
  /** What was wrong and what to do, in a sentence or two. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document, such as the lines that are short. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly retryAfterS?: number;
  /** The methods that can be used instead. */
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

/** What domain code throws when a request cannot be served. The HTTP edge turns it into a problem document. */
export class AppError extends Error {
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    readonly options: AppErrorOptions = {},
  ) {
    super(options.detail ?? errorRegistry[code].title, { cause: options.cause });
    this.name = 'AppError';
    this.status = errorRegistry[code].status;
  }
}

const MOST_TOLD = 5;

/** A `validation_failed` error; its detail tells of the first fields. */
export function invalidFields(errors: readonly FieldError[]): AppError {
  const told = errors.slice(0, MOST_TOLD).map(({ field, text }) => `${field}: ${text}`);
  const more = errors.length - told.length;
  const detail = `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
  return new AppError('validation_failed', { detail, errors });
}

/** A `validation_failed` error for one field. */
export function invalidField(field: string, code: string, text: string): AppError {
  return invalidFields([{ field, code, text }]);
}

/** A `not_found` error that names what was looked for. */
export function notFound(what: string): AppError {
  return new AppError('not_found', { detail: `${what} was not found.` });
}

/** An `unavailable` error: the thing needed is down, with the time after which to try again. */
export function unavailable(what: string, retryAfterS = 1, cause?: unknown): AppError {
  return new AppError('unavailable', { detail: `${what} cannot be reached. Try again shortly.`, retryAfterS, cause });
}
