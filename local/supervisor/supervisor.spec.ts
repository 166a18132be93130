import { describe, expect, it } from '@jest/globals';
import { planOf } from '../servers/guard.ts';
import { configuredConnections, connectionVariables } from './connections.ts';
import { restartDelayMs } from './restart-delay.ts';

describe('configuredConnections', () => {
  it('lets REDIS_URL serve every layer without a URL of its own', () => {
    const { redisUrls } = configuredConnections({ REDIS_URL: 'redis://all', REDIS_SESSION_URL: 'redis://session' });
    expect(redisUrls).toEqual({ operational: 'redis://all', application: 'redis://all', session: 'redis://session' });
  });

  it('takes an empty variable for none', () => {
    const { databaseUrl, redisUrls } = configuredConnections({ DATABASE_URL: '', REDIS_URL: '' });
    expect(databaseUrl).toBeUndefined();
    expect(redisUrls.operational).toBeUndefined();
  });

  it('comes back from the variables it is told by', () => {
    const connections = {
      databaseUrl: 'postgres://p',
      redisUrls: { operational: 'redis://o', application: 'redis://a', session: 'redis://s' },
    };
    expect(configuredConnections(connectionVariables(connections))).toEqual(connections);
  });
});

describe('restartDelayMs', () => {
  it('grows from failure to failure, up to a bound, and ends', () => {
    const delays = Array.from({ length: 8 }, (_, index) => restartDelayMs(index + 1));
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    expect(restartDelayMs(9)).toBeUndefined();
  });
});

describe('planOf', () => {
  it('names the stages in order, each with its longest grace in seconds', () => {
    const plan = planOf([
      { pid: 30, stage: 3, signal: 'SIGINT', graceMs: 15_000 },
      { pid: 20, stage: 2, signal: 'SIGTERM', graceMs: 900 },
      { pid: 21, stage: 2, signal: 'SIGTERM', graceMs: 10_000 },
      { pid: 10, stage: 1, signal: 'SIGTERM', graceMs: 15_000 },
    ]);
    expect(plan).toBe('TERM:15:10 TERM:10:20,21 INT:15:30');
  });

  it('is empty when nothing runs', () => {
    expect(planOf([])).toBe('');
  });
});
