/** What `call` answers, unless the signal ends first: what it answers then is nobody's any more. @throws the reason of the signal */
export async function withinDeadline<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    // Both are listened to until they settle, so that a failure which comes too late is not an unhandled one.
    return await Promise.race([call(), ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
