/**
 * Codes of sockets and name servers that say that a server cannot be reached. A name that is not found may be found in a
 * moment, when the server comes back elsewhere.
 */
export const UNREACHABLE: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];
