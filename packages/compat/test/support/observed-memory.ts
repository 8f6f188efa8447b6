import { type IterableStore, MemoryStore, type SessionRecord, StoreError } from '@stet/core';
import { type Gate, interceptedStore, type Operation } from '@stet/visitors';

export const minuteMs = 60_000;

/** Sessions in memory at a time that the test moves, with operations that it holds up or makes fail. */
export interface ObservedMemory {
  readonly memory: MemoryStore;
  /** What the store was asked. */
  readonly calls: Operation[];
  readonly failing: Set<Operation>;
  readonly gates: Map<Operation, Gate>;
  pass(ms: number): void;
  records(): Promise<Array<readonly [id: string, record: SessionRecord]>>;
  /** How long what is kept has to live, in minutes. */
  minutesLeft(): Promise<number[]>;
}

/** What a test sees, and what the storage under test is given. */
export function observedMemory(): { seen: ObservedMemory; store: IterableStore; now: () => number } {
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const memory = new MemoryStore({ now });
  const calls: Operation[] = [];
  const failing = new Set<Operation>();
  const gates = new Map<Operation, Gate>();
  const store = interceptedStore(memory, async (operation) => {
    calls.push(operation);
    await gates.get(operation)?.pass();
    if (failing.has(operation)) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
  });
  const records = () => Array.fromAsync(memory.entries());
  const seen: ObservedMemory = {
    memory,
    calls,
    failing,
    gates,
    pass: (ms) => {
      aheadMs += ms;
    },
    records,
    minutesLeft: async () => (await records()).map(([, { expiresAt }]) => Math.round((expiresAt - now()) / minuteMs)),
  };
  return { seen, store, now };
}
