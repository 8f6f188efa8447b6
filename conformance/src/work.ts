import type { SessionStore } from '@stet/core';
import { countUp } from './counter.ts';

/** One call of a store's method. */
export interface StoreCall {
  readonly method: 'load' | 'create' | 'update' | 'touch' | 'delete' | 'deleteExpired';
  readonly args: readonly unknown[];
}

/** What a process does with a store, as plain data: calls, all at once, or a number of increments. */
export type Work = { readonly calls: readonly StoreCall[] } | { readonly increment: string; readonly times: number };

/** Does the work, and gives what each call resolved to. */
export async function perform(store: SessionStore, work: Work): Promise<readonly unknown[]> {
  if ('calls' in work) return Promise.all(work.calls.map((call) => callOn(store, call)));
  await countUp(store, work.increment, work.times);
  return [];
}

async function callOn(store: SessionStore, { method, args }: StoreCall): Promise<unknown> {
  return (store as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args);
}
