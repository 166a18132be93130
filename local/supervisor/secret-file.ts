import { randomBytes } from 'node:crypto';
import { readOptional, replaceFile } from './small-files.ts';

const secretBytes = 32;

/** A random secret that is made once and stays the same from then on. */
export async function secretFrom(file: string): Promise<string> {
  const known = await readOptional(file);
  if (known?.trim()) return known.trim();
  const secret = randomBytes(secretBytes).toString('base64url');
  await replaceFile(file, `${secret}\n`);
  return secret;
}
