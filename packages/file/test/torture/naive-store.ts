import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionDraft, SessionRecord, UpdateResult } from '@stet/core';
import type { CounterStore } from './counter-store.ts';

/**
 * What many a session store does: one file for each session, compared, truncated and written in place. It is here to
 * show that the torture bites: it loses updates, and leaves files that nobody can read.
 */
export class NaiveStore implements CounterStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async load(id: string): Promise<SessionRecord> {
    return JSON.parse(await readFile(join(this.#directory, id), 'utf8')) as SessionRecord;
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord> {
    return this.#write(id, { ...draft, revision: 1, createdAt: 0 });
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    const current = await this.load(id);
    if (current.revision !== base.revision) return { status: 'conflict', current };
    return { status: 'updated', record: await this.#write(id, { ...current, ...draft, revision: base.revision + 1 }) };
  }

  async #write(id: string, record: SessionRecord): Promise<SessionRecord> {
    await writeFile(join(this.#directory, id), JSON.stringify(record));
    return record;
  }
}
