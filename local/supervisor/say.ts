/** Speaks to the person at the terminal. Standard output belongs to the application and to `--json`. */
export function say(text: string): void {
  process.stderr.write(`[tiershop] ${text}\n`);
}

/** Tells why a command failed: a person, or with `--json` a program. */
export function sayFailure(error: unknown): void {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: describe(error) })}\n`);
  else say(describe(error));
}

/** What went wrong, for a person: without a stack, which would say nothing about what to do. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOTDIR' || code === 'EROFS' || syscall === 'mkdir') {
    return `${path ?? 'A directory'} cannot be made (${code}). Set TIERSHOP_DATA_DIR to a directory of your own.`;
  }
  if (code !== 'EACCES' && code !== 'EPERM') return error.message;
  return (
    `${path ?? 'A file'} belongs to another user (${code}). ` +
    'Start tiershop as that user, or set TIERSHOP_DATA_DIR to a directory of your own.'
  );
}
