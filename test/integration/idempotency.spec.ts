// Claims of requests that are no transaction: by whom they are taken over and given back.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { hashRequest, IdempotencyRepository } from '../../src/platform/idempotency/idempotency.repository.js';
import { shop, useModules } from '../support/modules-rig.js';

let claims: IdempotencyRepository;

useModules([], { ROLE: 'api' });
beforeAll(async () => {
  claims = shop.app.get(IdempotencyRepository);
});

test('a request that was slow and fails does not give back the claim of the one that took it over', async () => {
  const claim = { scope: 'POST /things', key: randomUUID(), requestHash: hashRequest({}) };
  const [slow, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  expect((await claims.claimOrTakeOver(claim, slow, 0)).kind).toBe('claimed');
  expect((await claims.claimOrTakeOver(claim, second, 0)).kind).toBe('claimed');
  await claims.release(claim, slow);
  expect((await claims.claimOrTakeOver(claim, third, 60)).kind).toBe('running');
  await claims.release(claim, second);
  expect((await claims.claimOrTakeOver(claim, third, 60)).kind).toBe('claimed');
});
