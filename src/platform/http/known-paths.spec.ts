import { expect, test } from '@jest/globals';
import { KnownPaths } from './known-paths.js';

const paths = new KnownPaths();
paths.add('GET', '/carts/:id');
paths.add(['PATCH', 'DELETE'], '/carts/:id');
paths.add('POST', '/carts/merge');
paths.add('GET', '/files/*');
paths.add('GET', '/openapi.json');

test.each([
  ['/carts/1', ['DELETE', 'GET', 'PATCH']],
  ['/carts/merge', ['DELETE', 'GET', 'PATCH', 'POST']],
  ['/files/a/b.css', ['GET']],
  ['/openapi.json', ['GET']],
  ['/openapi-json', []],
  ['/carts/', []],
  ['/carts/1/lines', []],
  ['/cart', []],
])('%s takes %p', (path, methods) => {
  expect(paths.methodsOf(path)).toEqual(methods);
});
