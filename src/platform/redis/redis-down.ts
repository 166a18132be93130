import { AppError } from '../errors.js';

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
  return /Connection is closed|Command timed out|Stream isn't writeable|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|^(LOADING|READONLY|OOM|MISCONF|CLUSTERDOWN|MASTERDOWN)|Cluster isn't ready|^Too many Cluster redirections/.test(
    error.message,
  );
}
