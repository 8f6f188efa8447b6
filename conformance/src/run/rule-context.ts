import { randomBytes } from 'node:crypto';
import type { SessionStore } from '@stet/core';
import type { RuleContext } from '../rule.ts';
import type { ConformanceTarget, StoreSettings } from '../target.ts';
import type { SecondProcess } from './second-process.ts';
import { scaled } from './waiting.ts';

const brand = Symbol.for('stet.TooSlow');

/** Whether a rule ended because it came too late for the short lives that it uses. */
export function wasTooSlow(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && brand in thrown;
}

/** Runs a piece of work with a context of its own, then closes every store of it and removes what they left. */
export async function withRuleContext<T>(
  target: ConformanceTarget,
  { lifeMs, leaseMs }: { readonly lifeMs: number; readonly leaseMs: number },
  secondProcess: () => Promise<SecondProcess>,
  work: (context: RuleContext) => Promise<T>,
): Promise<T> {
  const opened: SessionStore[] = [];
  const namespaces = new Set<string>();
  const settings: StoreSettings = {
    namespace: `k${randomBytes(8).toString('hex')}`,
    // Only a call that hangs takes that long: a busy machine is no fault of the store.
    timeoutMs: scaled(15_000),
    leaseMs,
  };
  const kept = (store: SessionStore): SessionStore => {
    opened.push(store);
    return store;
  };
  const open = async (over: Partial<StoreSettings> = {}): Promise<SessionStore> => {
    const wanted = { ...settings, ...over };
    namespaces.add(wanted.namespace);
    return kept(await target.createStore(wanted));
  };
  try {
    return await work({
      target,
      capabilities: target.capabilities,
      settings,
      store: await open(),
      open,
      async openWithClock(now) {
        if (!target.faults?.clock) throw new TypeError('The rule requires faults.clock.');
        return kept(await target.faults.clock(settings, now));
      },
      lifeMs,
      inTime: (instant) => {
        if (Date.now() >= instant) throw Object.assign(new Error('too slow'), { [brand]: true });
      },
      secondProcess,
    });
  } finally {
    // A broken store may fail to close; the rule's own outcome counts, and the next namespace is another one.
    await Promise.allSettled(opened.map(async (store) => store.close()));
    await Promise.allSettled(Array.from(namespaces, async (namespace) => target.dispose?.(namespace)));
  }
}
