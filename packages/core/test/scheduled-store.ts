import { MemoryStore, type SessionStore } from '@stet/core';
import type { Scheduler } from 'fast-check';

const operations = new Set(['load', 'create', 'update', 'touch', 'delete', 'bySubject']);

/**
 * A store whose every operation waits until the scheduler picks it, and whose answer waits again: what two processes
 * with a network between them and their store may see, in any order.
 */
export function scheduledStore(scheduler: Scheduler, inner: SessionStore = new MemoryStore()): SessionStore {
  return new Proxy(inner, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== 'function' || !operations.has(String(name))) return member;
      return async (...args: unknown[]) => {
        await scheduler.schedule(Promise.resolve(), `${String(name)} asked`);
        const answer = await member.apply(target, args);
        await scheduler.schedule(Promise.resolve(), `${String(name)} answered`);
        return answer;
      };
    },
  });
}
