import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('one-store.ts', import.meta.url));

/** By how many bytes a process has grown over its calls. */
export interface Growth {
  readonly heap: number;
  readonly native: number;
}

/**
 * The most that a process may grow by, however many calls it makes: the allocators of Node.js and of the drivers keep
 * some memory for later. A store that prepares a statement for each call passes it after 10,000 calls.
 */
export const mostGrowth: Growth = { heap: 16_000_000, native: 64_000_000 };

/** Makes so many calls on a store, after half as many to warm up. */
export async function growthOf(store: string, calls: number): Promise<Growth> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, store, String(calls)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

export function isFlat({ heap, native }: Growth): boolean {
  return heap < mostGrowth.heap && native < mostGrowth.native;
}
