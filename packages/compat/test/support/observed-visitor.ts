import { type IterableStore, MemoryStore } from '@stet/core';
import { interceptedStore, type Operation, type Visitor } from '@stet/visitors';
import { onTestFinished, vi } from 'vitest';

/** A visitor of a site over sessions in memory, at a time that the test moves. */
export interface ObservedVisitor {
  readonly visitor: Visitor;
  readonly memory: MemoryStore;
  /** What one request of the visitor asks of the store. */
  asked(path: string): Promise<Operation[]>;
  pass(ms: number): void;
}

/**
 * The visitor comes to the site that `open` opens over the store. The session libraries have no other clock than
 * `Date`.
 */
export async function observedVisitor(
  open: (store: IterableStore) => Promise<{ visitor(): Visitor }>,
): Promise<ObservedVisitor> {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const memory = new MemoryStore();
  const calls: Operation[] = [];
  const site = await open(interceptedStore(memory, (operation) => calls.push(operation)));
  const visitor = site.visitor();
  return {
    visitor,
    memory,
    async asked(path) {
      calls.length = 0;
      await visitor.text(path);
      return [...calls];
    },
    pass: (ms) => void vi.setSystemTime(Date.now() + ms),
  };
}
