import { crc32 } from 'node:zlib';
import { type IdAndRecord, MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';
import { RememberingStore } from '../remembering-store.ts';

export const subjectHistoryMutants: readonly Mutant[] = [
  inMemory(
    '14.10',
    class extends MemoryStore {
      override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
        await super.bySubject(subject);
        const all = await Array.fromAsync(super.entries());
        return all.filter(([, record]) => record.subject !== undefined && crc32(record.subject) === crc32(subject));
      }
    },
  ),
  inMemory(
    '14.11',
    class extends MemoryStore {
      readonly #subjects = new Map<string, Set<string>>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        const subject = record?.subject;
        if (subject !== undefined) this.#subjects.set(subject, (this.#subjects.get(subject) ?? new Set()).add(id));
        return record;
      }
      override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
        const found = new Map(await super.bySubject(subject));
        for (const id of this.#subjects.get(subject) ?? []) {
          const record = await super.load(id);
          // An update takes care of the index; a create does not.
          if (record && this.#createdAs(id, record.subject)) found.set(id, record);
        }
        return Array.from(found);
      }
      #createdAs(id: string, subject: string | undefined): boolean {
        return subject !== undefined && this.#subjects.get(subject)?.has(id) === true;
      }
    },
  ),
  inMemory(
    '14.12',
    class extends RememberingStore {
      override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
        const found = await super.bySubject(subject);
        return found.map(([id, record]) => [id, { ...record, data: this.created.get(id)?.data ?? record.data }]);
      }
    },
  ),
  inMemory(
    '14.13',
    class extends RememberingStore {
      readonly #again = new Set<string>();
      readonly #swept = new Set<string>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const isAgain = this.created.has(id) && !this.deleted.has(id);
        const record = await super.create(id, draft);
        if (record && isAgain) this.#again.add(id);
        return record;
      }
      override async deleteExpired(...args: Parameters<MemoryStore['deleteExpired']>): Promise<number> {
        for (const id of this.#again) this.#swept.add(id);
        return super.deleteExpired(...args);
      }
      override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
        return (await super.bySubject(subject)).filter(([id]) => !this.#swept.has(id));
      }
    },
  ),
];
