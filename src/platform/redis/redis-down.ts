import { AppError } from '../errors.js';
import { UNREACHABLE } from '../unreachable.js';

/** Found in the message: that of a socket's error names its code. */
const SAYS_DOWN = new RegExp(
  [
    ...UNREACHABLE,
    "Connection is closed|Command timed out|Stream isn't writeable|Cluster isn't ready",
    '^(LOADING|READONLY|OOM|MISCONF|CLUSTERDOWN|MASTERDOWN)|^Too many Cluster redirections',
  ].join('|'),
);

/** The error in words for whoever runs the shop, where it would speak of streams and queues. */
export function redisFailureInWords(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  if (said.includes('Command timed out')) return 'did not answer in time';
  // What the server says itself, such as that it is loading, begins with a word in capitals.
  return isRedisDown(error) && !/^[A-Z]+ /.test(said) ? 'cannot be reached' : said;
}

/** Whether the error says that the server cannot be reached or did not answer in time; not that it refused a command. */
export function isRedisDown(error: unknown): boolean {
  if (error instanceof AppError) return isRedisDown(error.cause);
  if (!(error instanceof Error)) return false;
  if (
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'ClusterAllFailedError' ||
    error.name === 'AbortError'
  )
    return true;
  return SAYS_DOWN.test(error.message);
}
