import type { SessionRecord } from '@stet/core';
import type { Behaviour, Situation } from './behaviour.ts';
import type { Model } from './model.ts';
import { firstExpiry, type Request, startedAt } from './request.ts';

/** A front's entry. `token` is unique in a run; `storedAt` is in units of the staleness bound. */
export type Entry = { readonly token: number; readonly storedAt: number; readonly record: SessionRecord | null };

/** The least that a load may return. */
export interface Floor {
  /** The session under the id that is known to have begun: the first is 0. */
  readonly life: number;
  /** Of that session. */
  readonly revision: number;
  readonly expiresAt: number;
  /** It and all before it have ended. -1: none. */
  readonly endedLife: number;
}

/** A call on its way: sent, or carried out with its reply on the way back. */
export type Flight =
  | { readonly stage: 'asked' }
  | { readonly stage: 'answered'; readonly value: unknown; readonly token?: number }
  | { readonly stage: 'failed'; readonly error: 'STORE_UNAVAILABLE' | 'STORE_AMBIGUOUS' };

export interface Process {
  readonly behaviour: Behaviour;
  readonly situation: Situation;
  readonly isDead: boolean;
  /** By the number of the call. */
  readonly flights: ReadonlyArray<Flight | null>;
  /** The tokens that it has seen, by the name that it has for them: `t0`, `t1`, … */
  readonly seen: readonly number[];
  /** How many sessions had begun under the id, after the first, when its operation did. */
  readonly birthsBefore: number;
  /** What it may not go below in the load under way. */
  readonly loadFloor: Floor;
  /** What it has itself been told, whether or not the front was. */
  readonly ownFloor: Floor;
  /** The front has failed over since its operation began: what it has told the front may be lost. */
  readonly isOvertaken: boolean;
}

/** A call whose process no longer waits for it, and that may still be carried out. */
interface Straggler {
  readonly request: Request;
  readonly token: number;
}

/** Everything there is, at one moment. Never changed: every step makes a new one. */
export interface World {
  readonly model: Model;
  readonly entry: Entry | null;
  readonly back: SessionRecord | null;
  /** What a copy of the front has that lags behind; `undefined` until it is taken. */
  readonly copy: Entry | null | undefined;
  /** How often the front may yet fail over to such a copy. */
  readonly failoversLeft: number;
  readonly clock: number;
  readonly nextToken: number;
  readonly processes: readonly Process[];
  readonly stragglers: readonly Straggler[];
  readonly faultsLeft: number;
  /** What has been acknowledged with the front told. */
  readonly floor: Floor;
  /** What the back held when the clock last went past the staleness bound. */
  readonly boundFloor: Floor;
  /** The keys that were acknowledged, each with the session whose they are. */
  readonly acknowledged: ReadonlyArray<readonly [life: number, key: string]>;
  /** How many logouts were told that they had ended a session. */
  readonly endings: number;
  /** How many sessions have begun under the id after the first. */
  readonly births: number;
  /** Somebody has begun to end the session. */
  readonly mayEnd: boolean;
  /** How often the session has come to the front; `null` where it comes and goes. */
  readonly arrivals: number | null;
}

export const nothing: Floor = { life: 0, revision: 0, expiresAt: 0, endedLife: -1 };

/** Which of the sessions that have had the id a record is of. */
export function lifeOf({ createdAt }: SessionRecord): number {
  return createdAt - startedAt;
}

/** The back has the session; a front that is warm as well. */
export async function firstWorld(
  model: Model,
  behaviours: readonly Behaviour[],
  { faults, isWarm, failovers = 0 }: { readonly faults: number; readonly isWarm: boolean; readonly failovers?: number },
): Promise<World> {
  const record: SessionRecord = { data: '', expiresAt: firstExpiry, ...model.birth(0) };
  const processes = await Promise.all(
    behaviours.map(async (behaviour): Promise<Process> => {
      const situation = await behaviour.start();
      const flights = situation.requests.map(() => ({ stage: 'asked' }) as const);
      return {
        behaviour,
        situation,
        isDead: false,
        flights,
        seen: [],
        birthsBefore: 0,
        loadFloor: nothing,
        ownFloor: nothing,
        isOvertaken: false,
      };
    }),
  );
  return {
    model,
    entry: isWarm ? { token: 0, storedAt: 0, record } : null,
    back: record,
    copy: undefined,
    failoversLeft: failovers,
    clock: 0,
    nextToken: 1,
    processes,
    stragglers: [],
    faultsLeft: faults,
    floor: { ...nothing, revision: record.revision },
    boundFloor: nothing,
    acknowledged: [],
    endings: 0,
    births: 0,
    mayEnd: false,
    arrivals: model.countsArrivals ? 0 : null,
  };
}

/**
 * Two worlds with one key have the same future. A token is told by what it stands for: the entry, or nothing any more.
 */
export function keyOf(world: World): string {
  const { entry, back, copy, clock, processes, stragglers, faultsLeft, floor, boundFloor, acknowledged, mayEnd } =
    world;
  const stands = (token: number | undefined): string => {
    if (token === undefined) return '-';
    return `${token === entry?.token ? '=' : '-'}${token === copy?.token ? '^' : ''}`;
  };
  const ofRecord = (record: SessionRecord | null): string =>
    record ? `${lifeOf(record)}.${record.revision}${record.data}${record.expiresAt - firstExpiry}` : '~';
  const ofEntry = (e: Entry | null): string => (e ? `${ofRecord(e.record)}@${e.storedAt}` : '');
  const ofFloor = ({ life, revision, expiresAt, endedLife }: Floor): string =>
    endedLife >= life ? `D${endedLife}` : `${life}.${revision}.${Math.max(0, expiresAt - firstExpiry)}.${endedLife}`;
  const ofFlight = (flight: Flight | null): string => {
    if (!flight) return '';
    if (flight.stage === 'asked') return '?';
    return flight.stage === 'failed' ? `!${flight.error}` : ofValue(flight.value, ofRecord) + stands(flight.token);
  };
  const ofProcess = (p: Process): string =>
    p.isDead
      ? '+'
      : [
          p.situation.number,
          p.flights.map(ofFlight),
          p.seen.map(stands).join(''),
          p.birthsBefore,
          ofFloor(p.loadFloor),
          ofFloor(p.ownFloor),
          p.isOvertaken ? '!' : '',
        ].join();
  const ofStraggler = ({ request, token }: Straggler): string => {
    const details = 'record' in request ? ofRecord(request.record) : 'data' in request ? JSON.stringify(request) : '';
    return `${request.tier}${request.op}${details}${stands(token)}`;
  };
  return [
    ofEntry(entry),
    copy === undefined ? '?' : ofEntry(copy),
    copy && copy.token === entry?.token,
    world.failoversLeft,
    ofRecord(back),
    clock,
    faultsLeft,
    ofFloor(floor),
    ofFloor(boundFloor),
    acknowledged.join(''),
    world.endings,
    world.births,
    mayEnd,
    world.arrivals,
    processes.map(ofProcess).join('|'),
    stragglers.map(ofStraggler).sort().join('|'),
  ].join(';');
}

function ofValue(value: unknown, ofRecord: (record: SessionRecord) => string): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(ofRecord).join();
  if ('revision' in value) return ofRecord(value as SessionRecord);
  const {
    status,
    record,
    current,
    storedAt = '',
  } = value as {
    status: string;
    record?: SessionRecord;
    current?: SessionRecord;
    storedAt?: number;
  };
  const held = record ?? current;
  return `${status}${held ? ofRecord(held) : ''}${storedAt}`;
}
