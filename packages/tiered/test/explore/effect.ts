import type { SessionRecord } from '@stet/core';
import { boundMs, type Request, startedAt } from './request.ts';
import type { Entry, Flight, World } from './world.ts';

type Stores = Pick<World, 'entry' | 'back' | 'nextToken' | 'births' | 'arrivals'>;

/** What carrying out a call makes of the two stores, and its answer. `token`: what the call's token really is. */
export function effectOf(world: World, request: Request, token: number): Stores & { readonly flight: Flight } {
  const { entry, back, nextToken, clock, births, arrivals } = world;
  const held = request.tier === 'front' ? (entry?.record ?? null) : back;
  const answer = (value: unknown, changes: Partial<Stores> = {}, given?: number) => ({
    entry,
    back,
    nextToken,
    births,
    arrivals,
    ...changes,
    flight: { stage: 'answered', value, ...(given !== undefined && { token: given }) } as const,
  });
  const put = (record: SessionRecord | null): Partial<Stores> => ({
    entry: { token: nextToken, storedAt: clock, record } satisfies Entry,
    nextToken: nextToken + 1,
    ...(record && !held && request.op !== 'create' && arrivals !== null && { arrivals: arrivals + 1 }),
  });
  const leave = (record: SessionRecord | null): Partial<Stores> => {
    if (request.tier === 'back') return { back: record };
    return record ? put(record) : { entry: null };
  };
  switch (request.op) {
    case 'loadOrLease':
      if (!entry) return answer({ status: 'leased' }, put(null), nextToken);
      if (!entry.record) return answer({ status: 'busy' });
      return answer(
        { status: 'hit', record: entry.record, storedAt: startedAt + entry.storedAt * boundMs },
        {},
        entry.token,
      );
    case 'replaceIf':
      if (entry?.token !== token) return answer(null);
      return answer('stored', put(request.record), nextToken);
    case 'get':
    case 'load':
      return answer(held);
    case 'put':
      return answer(undefined, put(request.record));
    case 'putIfNewer':
      return answer(undefined, (held?.revision ?? 0) < request.record.revision ? put(request.record) : {});
    case 'putIfMissing':
      return answer(undefined, held ? {} : put(request.record));
    case 'entries':
      return answer(held ? [held] : []);
    case 'delete':
      return answer(held !== null, leave(null));
    case 'create': {
      if (held) return answer(null);
      const { data, expiresAt } = request;
      const record = { data, expiresAt, ...world.model.birth(births + 1) };
      return answer(record, { ...leave(record), births: births + 1 });
    }
    case 'touch':
      if (!held) return answer(false);
      return answer(true, leave({ ...held, expiresAt: Math.max(held.expiresAt, request.expiresAt) }));
    case 'update': {
      if (!held) return answer({ status: 'gone' });
      if (held.revision !== request.revision) return answer({ status: 'conflict', current: held });
      const record = { ...held, data: request.data, revision: request.revision + 1 };
      return answer({ status: 'updated', record }, leave(request.expiresAt > startedAt ? record : null));
    }
    default:
      return answer(undefined);
  }
}
