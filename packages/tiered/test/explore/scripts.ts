import { isStoreError, type SessionStore } from '@stet/core';
import type { MigratingStore } from '../../src/index.ts';
import { type Fact, firstExpiry, startedAt } from './request.ts';
import { id } from './stores.ts';

/** What one process does, told through the store under test. */
export type Script = (process: {
  readonly store: SessionStore;
  readonly begin: (what: string) => Promise<void>;
  readonly tell: (fact: Fact) => void;
  readonly isConfirmed: () => boolean;
}) => Promise<void>;

export const reader: Script = async ({ store, begin, tell }) => {
  await begin('load');
  tell({ kind: 'loaded', record: await store.load(id) });
};

/** A save as `Sessions` does it: load, add a key, update; merge with what came first, and again. */
export const writer =
  (key: string): Script =>
  async ({ store, begin, tell, isConfirmed }) => {
    await begin('load');
    let base = await store.load(id);
    tell({ kind: 'loaded', record: base });
    while (base) {
      const keys = new Set([...base.data, key]);
      const result = await store.update(id, base, { data: [...keys].sort().join(''), expiresAt: base.expiresAt });
      if (result.status === 'updated') {
        return tell({ kind: 'updated', base, record: result.record, key, isConfirmed: isConfirmed() });
      }
      base = result.status === 'conflict' ? result.current : null;
      if (!base) tell({ kind: 'loaded', record: null });
    }
  };

/** A request that saves, and the same visitor's next request to the same process. */
export const writerThenReader =
  (key: string): Script =>
  async (process) => {
    await writer(key)(process);
    await reader(process);
  };

export const toucher: Script = async ({ store, begin, tell, isConfirmed }) => {
  await begin('touch');
  const expiresAt = firstExpiry + 1;
  if (await store.touch(id, expiresAt)) tell({ kind: 'touched', expiresAt, isConfirmed: isConfirmed() });
  else tell({ kind: 'loaded', record: null });
};

/**
 * Whoever begins a session under the id as soon as it is free, and the same visitor's next request to the same process.
 */
export const creator =
  (key: string): Script =>
  async (process) => {
    const { store, begin, tell } = process;
    await begin('create');
    const record = await store.create(id, { data: key, expiresAt: firstExpiry });
    if (!record) return;
    tell({ kind: 'created', record, key });
    await reader(process);
  };

export const deleter: Script = async ({ store, begin, tell }) => {
  await begin('delete');
  try {
    tell({ kind: 'deleted', wasLive: await store.delete(id), isConfirmed: true });
  } catch (error) {
    if (!isStoreError(error) || !('mayBeServedUntil' in error)) throw error;
    tell({ kind: 'deleted', wasLive: false, isConfirmed: false });
  }
};

/** A logout, and a new session under the same id. */
export const deleterThenCreator =
  (key: string): Script =>
  async (process) => {
    await deleter(process);
    await creator(key)(process);
  };

/** A logout that ends the record by an update, as a move to another id does. */
export const ender: Script = async ({ store, begin, tell }) => {
  await begin('end');
  let base = await store.load(id);
  while (base) {
    const result = await store.update(id, base, { data: base.data, expiresAt: startedAt });
    if (result.status === 'updated') return tell({ kind: 'ended', record: result.record });
    base = result.status === 'conflict' ? result.current : null;
  }
};

/** A program that moves what is left. */
export const mover: Script = async ({ store, begin }) => {
  await begin('move all');
  for await (const _ of (store as MigratingStore).moveAll());
};
