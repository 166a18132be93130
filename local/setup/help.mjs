import { commands } from './commands.mjs';

/** The text of `node local/launch.mjs --help`. */
export function overview() {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
  const rows = Object.values(commands).map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return `Usage:\n${rows.join('\n')}\n\nHelp for one command: node local/launch.mjs <command> --help\n`;
}

/**
 * The text of `node local/launch.mjs <command> --help`.
 * @param {import('./commands.mjs').Command} command
 */
export function helpFor({ usage, summary, options = {}, notes = [] }) {
  const rows = Object.entries(options).map(([option, text]) => `  ${option.padEnd(23)}  ${text}`);
  const parts = [`Usage: ${usage}`, `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`];
  if (rows.length > 0) parts.push(`Options:\n${rows.join('\n')}`);
  if (notes.length > 0) parts.push(notes.map((note) => (note ? `  ${note}` : '')).join('\n'));
  return `${parts.join('\n\n')}\n`;
}
