import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The leaf that a session is kept in. */
export function leafOf(directory: string, id: string): string {
  return join(directory, id.slice(0, 2));
}

/** The directory of a session. */
export function sessionOf(directory: string, id: string): string {
  return join(leafOf(directory, id), id);
}

/** The content file of a session, which is in the leaf of its subject, if it has one. */
export async function contentOf(directory: string, id: string): Promise<string> {
  for (const leaf of await leavesOf(directory)) {
    const name = (await readdir(leaf)).find((candidate) => candidate.startsWith(`${id}.`));
    if (name) return join(leaf, name);
  }
  throw new Error('The session has no content file.');
}

/** All leaves of a store. */
async function leavesOf(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^[0-9a-f]{2}$/.test(name)).map((name) => join(directory, name));
}
