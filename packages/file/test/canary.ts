import { inspect } from 'node:util';
import { idOf, isStoreError, type SessionDraft, type SessionRecord } from '@stet/core';
import type { FileStore } from '../src/index.ts';

/** What no error may hold. */
export const secrets: { readonly id: string; readonly draft: SessionDraft } = {
  id: idOf('tweety'),
  draft: {
    data: '{"tweety":"in the data"}'.repeat(200),
    subject: 'tweety-of-the-subject',
    expiresAt: Date.UTC(2100, 0),
  },
};

/** The user that a worker becomes where it is root, whom no permissions hold up. */
export const nobody = 65_534;

/** The codes of the errors of all kinds of calls, and all that the errors say at any depth. */
export interface ErrorTexts {
  readonly codes: readonly string[];
  readonly texts: readonly string[];
}

export async function errorTexts(store: FileStore, base?: SessionRecord): Promise<ErrorTexts> {
  const { id, draft } = secrets;
  const record = { ...draft, createdAt: 1, revision: base?.revision ?? 1 };
  const codes: string[] = [];
  const texts: string[] = [];
  for (const call of [
    () => store.load(id),
    () => store.create(id, draft),
    () => store.update(id, record, { ...draft, data: `${draft.data}${draft.data}` }),
    () => store.touch(id, draft.expiresAt + 1),
    () => store.loadOrLease(id),
    () => store.replaceIf(id, 'token', record),
    () => Array.fromAsync(store.entries()),
    () => store.bySubject(draft.subject ?? ''),
    () => store.deleteExpired(),
    () => store.delete(id),
  ]) {
    try {
      await call();
    } catch (error) {
      codes.push(isStoreError(error) ? error.code : String(error));
      texts.push(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }), JSON.stringify(error));
    }
  }
  return { codes, texts };
}

/** Those of the texts that hold a part of a secret. */
export function leaksIn(texts: readonly string[]): string[] {
  const { id } = secrets;
  const canaries = ['tweety', id.slice(0, 20), id.slice(-20)];
  return texts.filter((text) => canaries.some((canary) => text.includes(canary)));
}
