import type { RuleContext } from './rule.ts';
import type { StoreSettings } from './target.ts';

/** Works while the backend of the rule's store is at fault, and puts it right afterwards whatever happened. */
export async function during<T>(
  fault: 'outage' | 'stall' | 'loseReply',
  { target, settings }: RuleContext,
  work: () => Promise<T>,
  over: Partial<StoreSettings> = {},
): Promise<T> {
  const restore = await target.faults?.[fault]?.({ ...settings, ...over });
  try {
    return await work();
  } finally {
    await restore?.();
  }
}
