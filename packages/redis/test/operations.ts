import { generateToken, idOf, type SessionRecord } from '@stet/core';
import type { RedisStore } from '../src/index.ts';

/** A session in the state that an operation starts from. */
interface Before {
  readonly id: string;
  readonly record: SessionRecord;
  readonly token: string;
}

export interface Operation {
  readonly name: string;
  run(store: RedisStore, before: Before): Promise<unknown>;
  /** Whether what it resolved to, and the record that is there afterwards, are those of success. */
  isDone(result: unknown, after: SessionRecord | null): boolean;
}

const later = Date.UTC(2100, 0);
const draft = { data: 'old', expiresAt: later };
const absent = (id: string): string => idOf(`none of ${id}`);

export const operations: readonly Operation[] = [
  {
    name: 'load',
    run: (store, { id }) => store.load(id),
    isDone: (result) => (result as SessionRecord | null)?.data === 'old',
  },
  {
    name: 'create',
    run: (store, { id }) => store.create(absent(id), draft),
    isDone: (result) => (result as SessionRecord | null)?.data === 'old',
  },
  {
    name: 'update',
    run: (store, { id, record }) => store.update(id, record, { ...draft, data: 'new' }),
    isDone: (result, after) => (result as { status: string }).status === 'updated' && after?.data === 'new',
  },
  {
    name: 'touch',
    run: (store, { id }) => store.touch(id, later + 1),
    isDone: (result, after) => result === true && after?.expiresAt === later + 1,
  },
  {
    name: 'delete',
    run: (store, { id }) => store.delete(id),
    isDone: (result, after) => result === true && after === null,
  },
  {
    name: 'loadOrLease',
    run: (store, { id }) => store.loadOrLease(absent(id)),
    isDone: (result) => (result as { status: string }).status === 'leased',
  },
  {
    name: 'replaceIf',
    run: (store, { id, record, token }) => store.replaceIf(id, token, { ...record, data: 'new', revision: 7 }),
    isDone: (result, after) => typeof result === 'string' && after?.revision === 7,
  },
];

/** A new session to operate on. */
export async function prepare(store: RedisStore): Promise<Before> {
  const id = idOf(generateToken());
  const record = await store.create(id, draft);
  const entry = await store.loadOrLease(id);
  if (!record || entry.status !== 'hit') throw new Error('The session that was just created is not there.');
  return { id, record, token: entry.token };
}

/** Whether the session is as it was prepared, and nothing was created beside it. */
export async function isUntouched(store: RedisStore, { id, record }: Before): Promise<boolean> {
  const now = await store.load(id);
  const sameRecord = now?.revision === record.revision && now.expiresAt === record.expiresAt;
  return sameRecord && (await store.load(absent(id))) === null;
}
