import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** One call that the store makes to the disk. */
export interface DiskCall {
  readonly name: string;
  /** The path it is about; for a handle's call the path that was opened. */
  readonly path: string;
  readonly args: readonly unknown[];
}

/** Decides what comes of a call: it may let it proceed, fail, wait, or do a part of it. */
export type Interceptor = (call: DiskCall, proceed: Proceed) => Promise<unknown>;

/** Makes the call, with its own arguments or with those that `change` makes of them. */
export type Proceed = (change?: (args: unknown[]) => unknown[]) => Promise<unknown>;

type AnyFunction = (...args: unknown[]) => Promise<unknown>;

const pathCalls = [
  'mkdir',
  'open',
  'readdir',
  'readFile',
  'rename',
  'rm',
  'rmdir',
  'stat',
  'statfs',
  'unlink',
] as const;
const handleCalls = ['write', 'read', 'stat', 'sync', 'close'] as const;

/**
 * Puts an interceptor before every call of `node:fs/promises` for a path below `directory`. Returns how to take it
 * away.
 */
export function interceptDisk(directory: string, interceptor: Interceptor): () => void {
  const promises = fs.promises as unknown as Record<string, AnyFunction>;
  const originals = new Map(pathCalls.map((name) => [name, promises[name] as AnyFunction]));
  for (const [name, original] of originals) {
    promises[name] = async (...args) => {
      const path = String(args[0]);
      if (!path.startsWith(directory)) return original(...args);
      const result = await interceptor({ name, path, args }, (change) => original(...(change?.(args) ?? args)));
      return name === 'open' ? intercepted(result as FileHandle, path, interceptor) : result;
    };
  }
  syncBuiltinESMExports();
  return () => {
    for (const [name, original] of originals) promises[name] = original;
    syncBuiltinESMExports();
  };
}

function intercepted(handle: FileHandle, path: string, interceptor: Interceptor): FileHandle {
  const calls = handle as unknown as Record<string, AnyFunction>;
  for (const name of handleCalls) {
    const original = (calls[name] as AnyFunction).bind(handle);
    calls[name] = (...args) =>
      interceptor({ name: `handle.${name}`, path, args }, (change) => original(...(change?.(args) ?? args)));
  }
  return handle;
}

/** Runs work and resolves to the calls to the disk that it made. */
export async function recordCalls(directory: string, work: () => Promise<unknown>): Promise<DiskCall[]> {
  const calls: DiskCall[] = [];
  const restore = interceptDisk(directory, (call, proceed) => {
    calls.push(call);
    return proceed();
  });
  try {
    await work();
    return calls;
  } finally {
    restore();
  }
}

/** Runs work with the interceptor for the k-th call to the disk (from 0), and for none other. */
export function withCall<T>(
  directory: string,
  k: number,
  interceptor: Interceptor,
  work: () => Promise<T>,
): Promise<T> {
  return withNth(directory, () => true, k, interceptor, work);
}

/** One call of those that work makes: the k-th of its name, because calls under way at once come in any order. */
export interface CallOfName {
  readonly name: string;
  readonly k: number;
}

/** All calls by their names. */
export function byName(calls: readonly DiskCall[]): CallOfName[] {
  return calls.map(({ name }, index) => ({
    name,
    k: calls.slice(0, index).filter((earlier) => earlier.name === name).length,
  }));
}

/** Runs work with the interceptor for this call, and for none other. */
export function withCallOfName<T>(
  directory: string,
  { name, k }: CallOfName,
  interceptor: Interceptor,
  work: () => Promise<T>,
): Promise<T> {
  return withNth(directory, (call) => call.name === name, k, interceptor, work);
}

async function withNth<T>(
  directory: string,
  counts: (call: DiskCall) => boolean,
  k: number,
  interceptor: Interceptor,
  work: () => Promise<T>,
): Promise<T> {
  let calls = 0;
  const restore = interceptDisk(directory, (call, proceed) => {
    if (!counts(call)) return proceed();
    calls += 1;
    return calls - 1 === k ? interceptor(call, proceed) : proceed();
  });
  try {
    return await work();
  } finally {
    restore();
  }
}

/** An error as the operating system gives it. */
export function diskError(code: string, call: DiskCall): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected, ${call.name} '${call.path}'`), { code, syscall: call.name });
}
