// API keys in two processes: a revoked key is believed for a few seconds at most where it was used.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { ApiKeysRepository } from '../../src/platform/auth/api-keys.repository.js';
import { ApiKeysService } from '../../src/platform/auth/api-keys.service.js';
import { CONFIG } from '../../src/platform/config.js';
import { eventually } from '../support/eventually.js';
import { shop, useModules } from '../support/modules-rig.js';

useModules([]);

/** As another process has it. */
const newService = () => new ApiKeysService(shop.app.get(CONFIG), shop.app.get(ApiKeysRepository));

test('a key that is used all the time ends everywhere soon after it was revoked', async () => {
  const [here, there] = [newService(), newService()];
  const { id, key } = (await here.create('busy', ['orders:read']))!;
  expect(await there.scopesOf(key)).toEqual(['orders:read']);
  expect(await here.revoke(id)).toBe('revoked');
  expect(await here.scopesOf(key)).toBeUndefined();
  // Used more often than anything is remembered.
  await eventually(async () => expect(await there.scopesOf(key)).toBeUndefined(), 15_000);
}, 30_000);

test('what was read before a key was revoked is not remembered after it', async () => {
  const service = newService();
  const repository = shop.app.get(ApiKeysRepository);
  const { id, key } = (await service.create('read', ['orders:read']))!;
  const read = jest.spyOn(repository, 'scopesOf').mockImplementationOnce(async (hash) => {
    const scopes = await ApiKeysRepository.prototype.scopesOf.call(repository, hash);
    await sleep(300);
    return scopes;
  });
  const early = service.scopesOf(key);
  await eventually(() => expect(read).toHaveBeenCalled());
  await sleep(100);
  expect(await service.revoke(id)).toBe('revoked');
  await early;
  expect(await service.scopesOf(key)).toBeUndefined();
});
