import type { FrontResult, SessionRecord } from '@stet/core';
import type { SqlStore } from '@stet/sql';
import { created, draftOf, hitOf, newId, recordFromBehind } from './samples.ts';

/** A call that is ready to be made, and how the record looks without it and with it. */
export interface Prepared {
  readonly id: string;
  readonly call: (store: SqlStore) => Promise<unknown>;
  readonly before: SessionRecord | null;
  /** Without a revision where nobody can know it. */
  readonly after: Omit<SessionRecord, 'revision'> | null;
  /** Whether what the call resolved to says that it did what it should. */
  readonly isDone: (resolved: unknown) => boolean;
}

export interface Operation {
  readonly name: string;
  prepare(store: SqlStore): Promise<Prepared>;
}

/** Each method of the store, on a record that is there, or on an id that has none. */
export const operations: readonly Operation[] = [
  {
    name: 'load',
    async prepare(store) {
      const { id, record } = await created(store);
      const isDone = (resolved: unknown): boolean => (resolved as SessionRecord | null)?.data === record.data;
      return { id, call: (on) => on.load(id), before: record, after: record, isDone };
    },
  },
  {
    name: 'create',
    async prepare() {
      const id = newId();
      const createdAt = Date.now();
      const draft = draftOf({ createdAt });
      const after = { ...draft, createdAt };
      return { id, call: (on) => on.create(id, draft), before: null, after, isDone: (resolved) => resolved !== null };
    },
  },
  {
    name: 'update',
    async prepare(store) {
      const { id, record: before } = await created(store);
      const draft = draftOf({ data: '"changed"', expiresAt: before.expiresAt });
      const after = { ...before, ...draft, revision: before.revision + 1 };
      const isDone = (resolved: unknown): boolean => (resolved as { status?: unknown } | null)?.status === 'updated';
      return { id, call: (on) => on.update(id, before, draft), before, after, isDone };
    },
  },
  {
    name: 'touch',
    async prepare(store) {
      const { id, record: before } = await created(store);
      const after = { ...before, expiresAt: before.expiresAt + 60_000 };
      return {
        id,
        call: (on) => on.touch(id, after.expiresAt),
        before,
        after,
        isDone: (resolved) => resolved === true,
      };
    },
  },
  {
    name: 'delete',
    async prepare(store) {
      const { id, record: before } = await created(store);
      return { id, call: (on) => on.delete(id), before, after: null, isDone: (resolved) => resolved === true };
    },
  },
  {
    name: 'loadOrLease of none',
    async prepare() {
      const id = newId();
      const isDone = (resolved: unknown): boolean => (resolved as FrontResult | null)?.status === 'leased';
      return { id, call: (on) => on.loadOrLease(id), before: null, after: null, isDone };
    },
  },
  {
    name: 'replaceIf',
    async prepare(store) {
      const { id, record: before } = await created(store);
      const { token } = await hitOf(store, id);
      const after = recordFromBehind();
      const isDone = (resolved: unknown): boolean => typeof resolved === 'string';
      return { id, call: (on) => on.replaceIf(id, token, after), before, after, isDone };
    },
  },
];
