import { MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

const hint = Symbol('hint');
type Hinted = SessionRecord & { readonly [hint]?: string };

/** Puts a private hint on every record that it gives. It rides along with a spread, not with JSON. */
class HintingStore extends MemoryStore {
  hinted(id: string, record: SessionRecord): Hinted {
    return { ...record, [hint]: `${id} ${record.revision}` };
  }
  override async load(id: string): Promise<SessionRecord | null> {
    const record = await super.load(id);
    return record && this.hinted(id, record);
  }
  override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const record = await super.create(id, draft);
    return record && this.hinted(id, record);
  }
  override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    const result = await super.update(id, base, draft);
    if (result.status === 'updated') return { ...result, record: this.hinted(id, result.record) };
    return result.status === 'conflict' ? { ...result, current: this.hinted(id, result.current) } : result;
  }
}

export const hintMutants: readonly Mutant[] = [
  inMemory(
    '3.12',
    class extends HintingStore {
      override async update(id: string, base: Hinted, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(
          id,
          base[hint] === undefined ? { ...base, revision: base.revision + 2 ** 49 } : base,
          draft,
        );
      }
    },
  ),
  inMemory(
    '3.13',
    class extends HintingStore {
      override async update(id: string, base: Hinted, draft: SessionDraft): Promise<UpdateResult> {
        const wrong = base[hint] !== undefined && base[hint] !== `${id} ${base.revision}`;
        return super.update(id, wrong ? { ...base, revision: base.revision + 2 ** 49 } : base, draft);
      }
    },
  ),
  inMemory(
    '3.14',
    class extends HintingStore {
      override async update(id: string, base: Hinted, draft: SessionDraft): Promise<UpdateResult> {
        const current = (await super.load(id)) as Hinted | null;
        const fresh = current !== null && base[hint] === current[hint];
        return super.update(id, fresh ? { ...base, revision: current.revision } : base, draft);
      }
    },
  ),
];
