import type { SessionDraft, SessionRecord } from '@stet/core';
import type { MemcachedStore } from '../../src/index.ts';
import { created, draftOf, loaded, newId } from './samples.ts';

/** A record; without a revision where that is drawn at random. */
export type Expected = Omit<SessionRecord, 'revision'> & Partial<SessionRecord>;

/** A call that is ready to be made, and how the record looks without it and with it. */
export interface Prepared {
  readonly id: string;
  readonly call: () => Promise<unknown>;
  readonly before: Expected | null;
  readonly after: Expected | null;
  /** Whether what the call resolved to says that it did what it should. */
  readonly isDone: (resolved: unknown) => boolean;
}

export interface Operation {
  readonly name: string;
  /** Makes the call ready in a store: what it needs is there and has been read through that store. */
  prepare(store: MemcachedStore, over?: Partial<SessionDraft>): Promise<Prepared>;
}

const status = (resolved: unknown): unknown => (resolved as { status?: unknown } | null)?.status;

/** Each method of the store, on a record that is there, or on an id that has none. */
export const operations: readonly Operation[] = [
  {
    name: 'load',
    async prepare(store, over) {
      const { id, record } = await created(store, over);
      const isDone = (resolved: unknown): boolean => (resolved as SessionRecord | null)?.data === record.data;
      return { id, call: () => store.load(id), before: record, after: record, isDone };
    },
  },
  {
    name: 'loadOrLease of a record',
    async prepare(store, over) {
      const { id, record } = await created(store, over);
      const isDone = (resolved: unknown): boolean => status(resolved) === 'hit';
      return { id, call: () => store.loadOrLease(id), before: record, after: record, isDone };
    },
  },
  {
    name: 'loadOrLease of none',
    async prepare(store, over) {
      // Another record opens the connection.
      await created(store, over);
      const id = newId();
      const isDone = (resolved: unknown): boolean => status(resolved) === 'leased';
      return { id, call: () => store.loadOrLease(id), before: null, after: null, isDone };
    },
  },
  {
    name: 'create',
    async prepare(store, over) {
      await created(store, over);
      const id = newId();
      const createdAt = Date.now();
      const draft = draftOf({ ...over, createdAt });
      const after = { ...draft, createdAt };
      return { id, call: () => store.create(id, draft), before: null, after, isDone: (resolved) => resolved !== null };
    },
  },
  {
    name: 'update after a load',
    async prepare(store, over) {
      const { id } = await created(store, over);
      const before = await loaded(store, id);
      const draft = draftOf({ data: '"changed"', ...over });
      const after = { ...before, ...draft, revision: before.revision + 1 };
      const isDone = (resolved: unknown): boolean => status(resolved) === 'updated';
      return { id, call: () => store.update(id, before, draft), before, after, isDone };
    },
  },
  {
    name: 'update from a copy',
    async prepare(store, over) {
      const { id, record: before } = await created(store, over);
      const draft = draftOf({ data: '"changed"', ...over });
      const after = { ...before, ...draft, revision: before.revision + 1 };
      const isDone = (resolved: unknown): boolean => status(resolved) === 'updated';
      return { id, call: () => store.update(id, { ...before }, draft), before, after, isDone };
    },
  },
  {
    name: 'touch',
    async prepare(store, over) {
      const { id, record: before } = await created(store, over);
      const after = { ...before, expiresAt: before.expiresAt + 60_000 };
      const call = (): Promise<unknown> => store.touch(id, after.expiresAt);
      return { id, call, before, after, isDone: (resolved) => resolved === true };
    },
  },
  {
    name: 'delete',
    async prepare(store, over) {
      const { id, record: before } = await created(store, over);
      return { id, call: () => store.delete(id), before, after: null, isDone: (resolved) => resolved === true };
    },
  },
  {
    name: 'replaceIf',
    async prepare(store, over) {
      const { id, record: before } = await created(store, over);
      const hit = await store.loadOrLease(id);
      const token = hit.status === 'hit' ? hit.token : '';
      const after = { ...before, data: '"from behind"', ...over, revision: 7 };
      const call = (): Promise<unknown> => store.replaceIf(id, token, after);
      return { id, call, before, after, isDone: (resolved) => typeof resolved === 'string' };
    },
  },
];
