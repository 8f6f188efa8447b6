import type { FrontStore, IterableStore, SessionStore, SubjectStore, SweepableStore } from '@stet/core';
import { countUp } from './counter.ts';

/** One call of a store's method. */
export interface StoreCall {
  readonly method:
    | keyof SessionStore
    | keyof IterableStore
    | keyof SweepableStore
    | keyof SubjectStore
    | keyof FrontStore;
  readonly args: readonly unknown[];
}

/** What a process does with a store, as plain data: calls, all at once, or a number of increments. */
export type Work = { readonly calls: readonly StoreCall[] } | { readonly increment: string; readonly times: number };

/** What work came to. Plain data. */
export interface Performance {
  /** What each call resolved to; of a listing, its entries. */
  readonly resolved: readonly unknown[];
  /** When the work began and when it was done, in Unix milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** Does the work. */
export async function perform(store: SessionStore, work: Work): Promise<Performance> {
  const from = preciseNow();
  let resolved: unknown[] = [];
  if ('calls' in work) resolved = await Promise.all(work.calls.map((call) => callOn(store, call)));
  else await countUp(store, work.increment, work.times);
  return { resolved, from, to: preciseNow() };
}

function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

async function callOn(store: SessionStore, { method, args }: StoreCall): Promise<unknown> {
  const call = (store as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[method];
  const result = call?.apply(store, [...args]);
  return method === 'entries' ? Array.fromAsync(result as AsyncIterable<unknown>) : result;
}
