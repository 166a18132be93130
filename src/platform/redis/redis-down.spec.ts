import { expect, test } from '@jest/globals';
import { unavailable } from '../errors.js';
import { isRedisDown, redisFailureInWords } from './redis-down.js';

test.each([
  'connect ECONNREFUSED 127.0.0.1:6379',
  'read ECONNRESET',
  'write EPIPE',
  'connect ETIMEDOUT',
  'connect EHOSTUNREACH 10.0.0.1:6379',
  'connect ENETUNREACH 10.0.0.1:6379',
  'getaddrinfo ENOTFOUND redis',
  'getaddrinfo EAI_AGAIN redis',
  'Connection is closed.',
  'Command timed out',
  'LOADING Redis is loading the dataset in memory',
])('a server that says or is known by "%s" is down', (message) => {
  expect(isRedisDown(new Error(message))).toBe(true);
  expect(isRedisDown(unavailable('The store', 1, new Error(message)))).toBe(true);
});

test.each([
  'ERR unknown command',
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'NOSCRIPT No matching script',
])('a server that refuses a command is there: %s', (message) => {
  expect(isRedisDown(new Error(message))).toBe(false);
});

test.each([
  ["Stream isn't writeable and enableOfflineQueue options is false", 'cannot be reached'],
  ['connect ECONNREFUSED 127.0.0.1:6379', 'cannot be reached'],
  ['Command timed out', 'did not answer in time'],
  ['LOADING Redis is loading the dataset in memory', 'LOADING Redis is loading the dataset in memory'],
  ['NOAUTH Authentication required.', 'NOAUTH Authentication required.'],
])('"%s" is told as "%s"', (message, told) => {
  expect(redisFailureInWords(new Error(message))).toBe(told);
});
