// Deletes only what the shop made in its data directory: TIERSHOP_DATA_DIR may name a directory with other files.
import { readdir, realpath, rm, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { type DataDirectory, projectRoot } from './data-directory.ts';
import { readOptional } from './small-files.ts';

export interface DeletedData {
  /** What is gone now: the directory as a whole, or what was deleted in it. */
  deleted: string[];
  /** What remains in the directory because it is not the shop's. */
  left: string[];
}

/** @throws when the directory was never used by a shop */
export async function deleteData(data: DataDirectory): Promise<DeletedData> {
  const isOurs = (await readOptional(data.portsFile)) !== undefined || data.root === `${projectRoot}/.data`;
  if (!isOurs) throw new Error(`${data.root} does not look like data of tiershop, and is left alone.`);
  const clusterElsewhere = await postgresElsewhere(data);
  const redis = dirname(data.redis.operational);
  const made = [
    ...(await madeByTheShop(data)),
    ...clusterElsewhere.flatMap(clusterPaths),
    ...Object.values(data.redis),
  ];
  const before = await entriesOf(data.root);
  // The ports file marks the directory as the shop's: it goes last, so an interrupted reset can be repeated.
  for (const path of [...made, data.portsFile]) await rm(path, { recursive: true, force: true });
  await removeIfEmpty(redis);
  const isGone = await removeIfEmpty(data.root);
  const left = isGone ? [] : await entriesOf(data.root);
  const deleted = before.filter((path) => !left.includes(path));
  return { deleted: [...clusterElsewhere, ...(isGone ? [data.root] : deleted)], left };
}

async function madeByTheShop(data: DataDirectory): Promise<string[]> {
  const files = [data.runFile, data.authSecretFile, data.postgresPasswordFile];
  const isDraft = (path: string) => [...files, data.portsFile].includes(path.replace(DRAFT, ''));
  const drafts = (await entriesOf(data.root)).filter((path) => DRAFT.test(path) && isDraft(path));
  return [...files, ...drafts, data.postgresLog, ...clusterPaths(data.postgres)];
}

/** A process that was killed leaves the draft of a file behind, with its pid at the end. */
const DRAFT = /\.\d+$/;

/** A cluster and what making it may have left. */
const clusterPaths = (cluster: string): string[] => [`${cluster}.new`, `${cluster}.password`, cluster];

/** Started by root, PostgreSQL may keep its data elsewhere, behind a link. */
async function postgresElsewhere({ root, postgres }: DataDirectory): Promise<string[]> {
  const [parent, cluster] = await Promise.all([root, postgres].map((path) => realpath(path).catch(() => undefined)));
  if (!parent || !cluster) return [];
  const way = relative(parent, cluster);
  return way.startsWith('..') || isAbsolute(way) ? [cluster] : [];
}

async function entriesOf(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.sort().map((name) => join(directory, name));
}

/** @returns whether it is gone; one that is not empty, is a link or is mounted stays */
const removeIfEmpty = (directory: string): Promise<boolean> =>
  rmdir(directory).then(
    () => true,
    () => false,
  );
