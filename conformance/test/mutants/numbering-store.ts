import { MemoryStore, recordOf, type SessionDraft, type SessionRecord } from '@stet/core';

/** Begins its records at revisions of its own choice. */
export abstract class NumberingStore extends MemoryStore {
  readonly #firsts = new Map<string, number>();

  protected abstract firstRevision(id: string): number;

  override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const record = await super.create(id, draft);
    return record && { ...record, revision: this.#firsts.get(id) ?? record.revision };
  }

  protected override _create(id: string, record: SessionRecord): boolean {
    const revision = this.firstRevision(id);
    const isCreated = super._create(id, recordOf(record, revision, record.createdAt));
    if (isCreated) this.#firsts.set(id, revision);
    return isCreated;
  }
}
