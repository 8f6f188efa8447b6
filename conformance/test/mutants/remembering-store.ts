import { MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';

/** Remembers every record as it was created, even when it has ended, and those that were deleted. */
export class RememberingStore extends MemoryStore {
  readonly created: Map<string, SessionRecord> = new Map();
  readonly deleted: Map<string, SessionRecord> = new Map();

  override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const record = await super.create(id, draft);
    if (record) {
      this.created.set(id, record);
      this.deleted.delete(id);
    }
    return record;
  }

  override async delete(id: string): Promise<boolean> {
    const record = this.created.get(id);
    if (record) this.deleted.set(id, record);
    return super.delete(id);
  }
}
