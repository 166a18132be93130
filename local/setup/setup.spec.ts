// The launcher's decisions. It is plain JavaScript for Node 20, so its functions are imported by path and typed here.
import { describe, expect, it } from '@jest/globals';

interface Tree {
  packages: Record<string, { version?: string; optional?: boolean; devOptional?: boolean }>;
}

async function load<T>(file: string): Promise<T> {
  return (await import(new URL(file, import.meta.url).pathname)) as T;
}

describe('isSameTree', () => {
  const wanted: Tree = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/for-another-machine': { version: '1.0.0', optional: true },
    },
  };
  const check = async (packages: Tree['packages']) => {
    const { isSameTree } = await load<{ isSameTree(wanted: Tree, installed: Tree): boolean }>('./dependencies.mjs');
    return isSameTree(wanted, { packages });
  };

  it('does without optional packages of other machines', async () => {
    expect(await check({ 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  });

  it('notices another version, also of an optional package', async () => {
    expect(await check({ 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    const other = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/for-another-machine': { version: '2.0.0' } };
    expect(await check(other)).toBe(false);
  });

  it('notices what is missing', async () => {
    expect(await check({})).toBe(false);
  });
});

it.each([
  ['v20.20.2', false],
  ['v24.0.0\n', true],
  ['v26.1.0', true],
  ['not a version', false],
])('isNewEnough(%j) is %s', async (version, expected) => {
  const { isNewEnough } = await load<{ isNewEnough(version: string): boolean }>('./node-24.mjs');
  expect(isNewEnough(version)).toBe(expected);
});

describe('needsRedisServer', () => {
  const check = async (redis: string, env: Record<string, string>) => {
    const module = await load<{ needsRedisServer(command: object, env: object): boolean }>('./redis-server.mjs');
    return module.needsRedisServer({ redis }, env);
  };

  it('is so while one layer has no URL', async () => {
    const two = { REDIS_OPERATIONAL_URL: 'redis://a', REDIS_SESSION_URL: 'redis://b' };
    expect(await check('unless-external', {})).toBe(true);
    expect(await check('unless-external', two)).toBe(true);
    expect(await check('unless-external', { ...two, REDIS_APPLICATION_URL: 'redis://c' })).toBe(false);
    expect(await check('unless-external', { REDIS_URL: 'redis://a' })).toBe(false);
  });

  it('is so for tests whatever is configured, and never for checks', async () => {
    expect(await check('always', { REDIS_URL: 'redis://a' })).toBe(true);
    expect(await check('never', {})).toBe(false);
  });
});
