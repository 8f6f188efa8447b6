import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SessionStore } from '@stet/core';
import { onTestFinished } from 'vitest';

/** A store that tells what it was asked for, and fails while it is told to. */
export interface Observed<S> {
  readonly store: S;
  readonly calls: string[];
  failure: Error | undefined;
}

export function observed<S extends SessionStore>(store: S): Observed<S> {
  const seen: Observed<S> = {
    calls: [],
    failure: undefined,
    store: new Proxy(store, {
      get(target, name) {
        const member = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          seen.calls.push(String(name));
          if (!seen.failure) return member.apply(target, args);
          return name === 'entries' ? rejecting(seen.failure) : Promise.reject(seen.failure);
        };
      },
    }),
  };
  return seen;
}

// biome-ignore lint/correctness/useYield: a listing that fails gives nothing.
async function* rejecting(failure: Error): AsyncGenerator<never> {
  throw failure;
}

/** What is told on a channel for the rest of the test. */
export function eventsOn(channel: string): unknown[] {
  const events: unknown[] = [];
  const listen = (message: unknown) => events.push(message);
  subscribe(channel, listen);
  onTestFinished(() => void unsubscribe(channel, listen));
  return events;
}
