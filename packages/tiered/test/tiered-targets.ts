import { type ConformanceTarget, defineTarget, type Faults, type Restore } from '@stet/conformance';
import type { Fault } from '@stet/services';
import { TieredStore } from '../src/index.ts';
import { type BackName, type BackTier, startBack } from './tiers/backs.ts';
import { type FrontName, type FrontTier, startFront } from './tiers/fronts.ts';

const maxDataBytes = 65_536;

/**
 * A front over each of some backs. `module`: the one that exports the targets. The last of them to end closes the
 * tiers.
 */
export async function startTargets(
  module: string,
  frontName: FrontName,
  backNames: readonly BackName[],
): Promise<readonly ConformanceTarget[]> {
  const [front, ...backs] = await Promise.all([startFront(frontName), ...backNames.map(startBack)]);
  let left = backs.length;
  const close = async (): Promise<void> => {
    left -= 1;
    if (left === 0) await Promise.all([front, ...backs].map((tier) => tier.close()));
  };
  return backs.map((back) => ({ ...tieredTarget(module, front, back), close }));
}

function tieredTarget(module: string, front: FrontTier, back: BackTier): ConformanceTarget {
  return defineTarget({
    name: `TieredStore(${front.name}, ${back.name})`,
    capabilities: {
      durable: back.name !== 'Memory',
      shared: front.isShared && back.isShared,
      iterable: true,
      sweepable: true,
      bySubject: true,
      leasable: false,
      expiryGranularityMs: 1,
      maxDataBytes,
    },
    module,
    async createStore({ namespace, timeoutMs, leaseMs }) {
      // A call waits for the front as well, so where the kit stalls both, the front is given up sooner. A database in
      // this very process needs no such thing, and holds up what the front answers.
      const frontMs = back.proxy ? Math.floor(timeoutMs / 5) : timeoutMs;
      return new TieredStore({
        front: await front.open({ namespace, timeoutMs: frontMs, leaseMs }),
        back: await back.open({ namespace, timeoutMs, maxDataBytes }),
      });
    },
    faults: faultsOf(front, back),
    dispose: async (namespace) => back.remove?.(namespace),
  });
}

/** With the back alone out of reach the front would go on serving, so that both are; a front in memory cannot be. */
function faultsOf(front: FrontTier, back: BackTier): Faults {
  const set = async (fault: Fault): Promise<void> => {
    await Promise.all([front.proxy?.set(fault), back.proxy?.set(fault)]);
  };
  const during = (fault: Fault) => async (): Promise<Restore> => {
    await set(fault);
    return () => set('none');
  };
  return {
    ...(front.proxy && back.proxy && { outage: during('refuse'), stall: during('stall') }),
    ...(back.proxy && {
      async loseReply() {
        await back.proxy?.set({ cutReplyAfter: 0, to: /INSERT|UPDATE|DELETE/ });
        return async () => void (await back.proxy?.set('none'));
      },
    }),
    ...(front.isShared &&
      back.spoil && {
        async corrupt({ namespace }, id) {
          await back.spoil?.(namespace, id);
          await (await front.open({ namespace })).delete(id);
        },
      }),
  };
}
