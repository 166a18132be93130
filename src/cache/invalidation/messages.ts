// The messages of the stream of invalidations.
import { z } from 'zod';

/** What has become void: entries by category and key, and everything under the tags. */
export interface InvalidationMessage {
  readonly keys: readonly (readonly [category: string, key: string])[];
  readonly tags: readonly string[];
}

const messageBody = z.object({ k: z.array(z.tuple([z.string(), z.string()])), t: z.array(z.string()) });

export function encodeMessage(message: InvalidationMessage): string {
  return JSON.stringify({ k: message.keys, t: message.tags });
}

/** One message as it was read. */
export interface ReceivedMessage {
  readonly id: string;
  readonly lineage: string;
  readonly stamp: number;
  readonly source: string;
  /** Undefined when it cannot be read: then everything must be taken as void. */
  readonly body: InvalidationMessage | undefined;
}

/** Reads the reply of XREAD on one stream. */
export function readMessages(reply: [string, [string, string[]][]][] | null): ReceivedMessage[] {
  return (reply?.[0]?.[1] ?? []).map(([id, fields]) => {
    const field = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
    return {
      id,
      lineage: field('lineage'),
      stamp: Number(field('stamp')),
      source: field('source'),
      body: readBody(field('message')),
    };
  });
}

function readBody(text: string): InvalidationMessage | undefined {
  try {
    const body = messageBody.parse(JSON.parse(text));
    return { keys: body.k, tags: body.t };
  } catch {
    return undefined;
  }
}
