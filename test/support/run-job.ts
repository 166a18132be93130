import { eventually } from './eventually.js';
import type { Shop } from './shop.js';
import type { Answer } from './shopper.js';

/** Runs a scheduled job now, or, if its schedule has just started it, after that run. */
export function runJob({ admin }: Pick<Shop, 'admin'>, name: string): Promise<Answer> {
  return eventually(async () => {
    const answer: Answer = await admin.post(`/v1/admin/jobs/${name}/run`);
    if (answer.status === 409) throw new Error(`${name} is running`);
    return answer;
  });
}
