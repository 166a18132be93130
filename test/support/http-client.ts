/** An answer with its body read: parsed when it is JSON, text otherwise, `undefined` when there is none. */
export interface HttpAnswer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface HttpRequest {
  /** Sent as JSON, unless it is text or bytes. */
  body?: unknown;
  headers?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  signal?: AbortSignal;
}

/** A client of one server. Connections are kept open between requests. Any status is an answer, not an error. */
export class HttpClient {
  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;

  constructor(baseUrl: string, headers: Record<string, string> = {}) {
    this.#baseUrl = baseUrl;
    this.#headers = headers;
  }

  /** The same server with more headers, such as `authorization`. */
  with(headers: Record<string, string>): HttpClient {
    return new HttpClient(this.#baseUrl, { ...this.#headers, ...headers });
  }

  get<Body = unknown>(path: string, request?: HttpRequest): Promise<HttpAnswer<Body>> {
    return this.request('GET', path, request);
  }

  post<Body = unknown>(path: string, body?: unknown, request?: HttpRequest): Promise<HttpAnswer<Body>> {
    return this.request('POST', path, { ...request, body });
  }

  put<Body = unknown>(path: string, body?: unknown, request?: HttpRequest): Promise<HttpAnswer<Body>> {
    return this.request('PUT', path, { ...request, body });
  }

  patch<Body = unknown>(path: string, body?: unknown, request?: HttpRequest): Promise<HttpAnswer<Body>> {
    return this.request('PATCH', path, { ...request, body });
  }

  delete<Body = unknown>(path: string, request?: HttpRequest): Promise<HttpAnswer<Body>> {
    return this.request('DELETE', path, request);
  }

  async request<Body = unknown>(method: string, path: string, request: HttpRequest = {}): Promise<HttpAnswer<Body>> {
    const url = new URL(path, this.#baseUrl);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { payload, type } = encode(request.body);
    const response = await fetch(url, {
      method,
      headers: { ...type, ...this.#headers, ...request.headers },
      redirect: 'manual',
      ...(payload === undefined ? {} : { body: payload }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
    return { status: response.status, headers: response.headers, body: (await decode(response)) as Body };
  }
}

function encode(body: unknown): {
  payload: string | Uint8Array<ArrayBuffer> | undefined;
  type: Record<string, string>;
} {
  if (body === undefined) return { payload: undefined, type: {} };
  if (typeof body === 'string') return { payload: body, type: { 'content-type': 'text/plain' } };
  if (body instanceof Uint8Array) {
    return { payload: new Uint8Array(body), type: { 'content-type': 'application/octet-stream' } };
  }
  return { payload: JSON.stringify(body), type: { 'content-type': 'application/json' } };
}

async function decode(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}
