import { expect, test } from '@jest/globals';
import { isPublicAddress, lookupPublic } from './public-address.js';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '0.0.0.0',
  '100.64.0.1',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '2001:0:7f00:1::',
  '2002:7f00:1::',
  'fec0::1',
  'no address',
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['93.184.215.14', '172.32.0.1', '2606:4700::1111', '::ffff:93.184.215.14'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('a name that means this machine is refused', async () => {
  const error = await new Promise((resolve) => lookupPublic('localhost', { all: true }, (refusal) => resolve(refusal)));
  expect(String(error)).toContain('localhost is not on the public internet');
});
