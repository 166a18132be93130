const NEEDED_MAJOR = 24;

/**
 * Ends the process with a sentence when its Node is too old. To be called before the rest is imported: an older Node cannot
 * even link that, and ends in a SyntaxError that names an import.
 */
export function requireNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) return;
  process.stderr.write(
    `tiershop needs Node ${NEEDED_MAJOR} or newer; this is ${process.version} (${process.execPath}). ` +
      'Run it with a newer one: `npm run build` installs one as node_modules/.bin/node.\n',
  );
  process.exit(1);
}
