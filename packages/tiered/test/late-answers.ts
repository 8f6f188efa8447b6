import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionStore } from '@stet/core';

/** A database some of whose answers are late. */
export interface LateAnswers<S extends SessionStore> {
  readonly store: S;
  /**
   * The next load of the session is answered with what there is now, once it is released. Resolves when the database
   * has been asked.
   */
  hold(id: string): { readonly asked: Promise<void>; release(): void };
}

/** Loads take up to `mostMs` longer on their way back. */
export function withLateAnswers<S extends SessionStore>(store: S, mostMs: number): LateAnswers<S> {
  const held = new Map<string, { readonly asked: () => void; readonly released: Promise<void> }>();
  const load: S['load'] = async (id, options) => {
    const hold = held.get(id);
    held.delete(id);
    const record = await store.load(id, options);
    hold?.asked();
    await (hold?.released ?? sleep(Math.random() * mostMs));
    return record;
  };
  return {
    store: new Proxy(store, {
      get(target, name) {
        const member = name === 'load' ? load : Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    }),
    hold(id) {
      const asked = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held.set(id, { asked: asked.resolve, released: released.promise });
      return { asked: asked.promise, release: released.resolve };
    },
  };
}
