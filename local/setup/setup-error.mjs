/** A failure of the set-up that a person can mend: its text says what to do next, so no stack is shown. */
export class SetupError extends Error {}

/**
 * Everything the launcher says goes to standard error: standard output belongs to the command (`--json`).
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`[tiershop] ${text}\n`);
}
