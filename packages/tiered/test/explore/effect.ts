import type { SessionRecord } from '@stet/core';
import { boundMs, type Request, startedAt } from './request.ts';
import type { Entry, Flight, World } from './world.ts';

type Tiers = Pick<World, 'entry' | 'back' | 'nextToken'>;

/** What carrying out a call makes of the tiers, and its answer. `token`: what the call's token really is. */
export function effectOf(world: World, request: Request, token: number): Tiers & { readonly flight: Flight } {
  const { entry, back, nextToken, clock } = world;
  const answer = (value: unknown, changes: Partial<Tiers> = {}, given?: number) => ({
    entry,
    back,
    nextToken,
    ...changes,
    flight: { stage: 'answered', value, ...(given !== undefined && { token: given }) } as const,
  });
  const put = (record: SessionRecord | null): Pick<Tiers, 'entry' | 'nextToken'> => ({
    entry: { token: nextToken, storedAt: clock, record } satisfies Entry,
    nextToken: nextToken + 1,
  });
  switch (`${request.tier} ${request.op}` as const) {
    case 'front loadOrLease':
      if (!entry) return answer({ status: 'leased' }, put(null), nextToken);
      if (!entry.record) return answer({ status: 'busy' });
      return answer(
        { status: 'hit', record: entry.record, storedAt: startedAt + entry.storedAt * boundMs },
        {},
        entry.token,
      );
    case 'front replaceIf':
      if (entry?.token !== token) return answer(null);
      return answer('stored', put((request as { record: SessionRecord }).record), nextToken);
    case 'front get':
      return answer(entry?.record ?? null);
    case 'front put':
      return answer(undefined, put((request as { record: SessionRecord }).record));
    case 'front putIfNewer': {
      const { record } = request as { record: SessionRecord };
      return answer(undefined, (entry?.record?.revision ?? 0) < record.revision ? put(record) : {});
    }
    case 'front delete':
      return answer(entry?.record != null, { entry: null });
    case 'back load':
      return answer(back);
    case 'back delete':
      return answer(back !== null, { back: null });
    case 'back touch': {
      if (!back) return answer(false);
      const { expiresAt } = request as { expiresAt: number };
      return answer(true, { back: { ...back, expiresAt: Math.max(back.expiresAt, expiresAt) } });
    }
    case 'back update': {
      const { revision, data } = request as { revision: number; data: string };
      if (!back) return answer({ status: 'gone' });
      if (back.revision !== revision) return answer({ status: 'conflict', current: back });
      const record = { ...back, data, revision: revision + 1 };
      return answer({ status: 'updated', record }, { back: record });
    }
    default:
      return answer(undefined);
  }
}
