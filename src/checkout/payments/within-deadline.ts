/** The result of `call`, unless the signal ends first: a later result is ignored. @throws the reason of the signal */
export async function withinDeadline<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    // `race` listens to both until they settle, so a failure that comes too late is not an unhandled rejection.
    return await Promise.race([call(), ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
