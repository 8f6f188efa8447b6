import type { IterableStore } from '@stet/core';
import type { SessionData } from 'express-session';
import { StetStore, type StetStoreOptions } from '../../src/express-session.ts';
import { answered } from './callback.ts';

export const minuteMs = 60_000;

export function sessionData(
  values: Record<string, unknown> = {},
  cookie: object = { originalMaxAge: 10 * minuteMs },
): SessionData {
  return { cookie, ...values } as unknown as SessionData;
}

export interface PromisingStore {
  readonly express: StetStore;
  get(sid: string): Promise<SessionData | null>;
  set(sid: string, data: SessionData): Promise<unknown>;
  touch(sid: string, data: SessionData): Promise<unknown>;
  destroy(sid: string): Promise<unknown>;
  all(): Promise<Record<string, SessionData>>;
  ids(): Promise<string[]>;
  length(): Promise<number>;
  clear(): Promise<unknown>;
}

/** A stet store under one for express-session, each method of which answers by a promise. */
export function promising(store: IterableStore, options: Partial<StetStoreOptions> = {}): PromisingStore {
  const express = new StetStore({ store, ...options });
  return {
    express,
    get: (sid: string) => answered<SessionData | null>((done) => express.get(sid, done)),
    set: (sid: string, data: SessionData) => answered((done) => express.set(sid, data, done)),
    touch: (sid: string, data: SessionData) => answered((done) => express.touch(sid, data, done)),
    destroy: (sid: string) => answered((done) => express.destroy(sid, done)),
    all: () => answered<Record<string, SessionData>>((done) => express.all(done)),
    ids: () => answered<string[]>((done) => express.ids(done)),
    length: () => answered<number>((done) => express.length(done)),
    clear: () => answered((done) => express.clear(done)),
  };
}
