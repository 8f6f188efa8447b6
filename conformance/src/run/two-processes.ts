import type { RuleContext } from '../rule.ts';
import { reached } from './waiting.ts';
import { perform, type StoreCall, type Work } from './work.ts';

/** What the work of two processes came to. */
interface Race {
  readonly ours: readonly unknown[];
  readonly theirs: readonly unknown[];
  /** Both were at work at the same time, for a while. */
  readonly met: boolean;
}

/** Does work in this process and in a second one, both beginning at the same instant. */
export async function inBothProcesses(
  { settings, store, secondProcess }: RuleContext,
  ours: Work,
  theirs: Work = ours,
): Promise<Race> {
  const begin = await (await secondProcess()).prepare(settings, theirs);
  const startAt = Date.now() + 10;
  const there = begin(startAt);
  await reached(startAt);
  const [here, other] = await Promise.all([perform(store, ours), there]);
  const met = Math.max(here.from, other.from) < Math.min(here.to, other.to);
  return { ours: here.resolved, theirs: other.resolved, met };
}

/** Runs a race again until the two processes have met in it that often: a busy machine may run one after the other. */
export async function untilMet(times: number, race: () => Promise<Race>): Promise<void> {
  for (let met = 0, run = 0; met < times && run < 10 * times; run += 1) if ((await race()).met) met += 1;
}

/** Makes calls in the second process alone. */
export async function inSecondProcess(
  { settings, secondProcess }: RuleContext,
  ...calls: StoreCall[]
): Promise<readonly unknown[]> {
  const begin = await (await secondProcess()).prepare(settings, { calls });
  return (await begin(Date.now())).resolved;
}
