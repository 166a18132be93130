import type { BarePlan } from './bare-plan.ts';

/** An answer of the application, to be sent by a bare server as it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** These belong to the connection or are set by every server for itself. */
const ownHeaders = new Set(['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding']);

export async function fetchAnswer(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await fetch(url, { headers: { 'accept-encoding': 'identity', ...headers } });
  return {
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !ownHeaders.has(name))),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

/** A bare server that sends this answer whatever it is asked for. */
export function barePlanOf(route: string, answer: Answer): BarePlan {
  const { status, headers, body } = answer;
  return { route, status, headers, source: { kind: 'bytes', base64: body.toString('base64') } };
}
