import { assertSubject, MemoryStore, type SessionRecord, type StoreCapabilities } from '@stet/core';
import { target } from '../../fixtures/memory-target.ts';
import { inMemory, type Mutant } from '../mutant.ts';
import { RememberingStore } from '../remembering-store.ts';

type Found = ReturnType<MemoryStore['bySubject']>;

export const subjectMutants: readonly Mutant[] = [
  inMemory(
    '14.1',
    class extends MemoryStore {
      override async bySubject(subject: string): Found {
        return (await super.bySubject(subject)).map(([id, record]) => [id, { ...record, revision: 9 }]);
      }
    },
  ),
  inMemory(
    '14.2',
    class extends MemoryStore {
      override async bySubject(subject: string): Found {
        assertSubject(subject);
        const found: Array<readonly [string, SessionRecord]> = [];
        for await (const entry of super.entries()) {
          if (entry[1].subject?.toLowerCase() === subject.toLowerCase()) found.push(entry);
        }
        return found;
      }
    },
  ),
  inMemory(
    '14.3',
    class extends RememberingStore {
      override async bySubject(subject: string): Found {
        const found = await super.bySubject(subject);
        return found.filter(([id]) => this.created.get(id)?.subject === subject);
      }
    },
  ),
  inMemory(
    '14.4',
    class extends RememberingStore {
      override async bySubject(subject: string): Found {
        const deleted = Array.from(this.deleted).filter(([, record]) => record.subject === subject);
        return [...(await super.bySubject(subject)), ...deleted];
      }
    },
  ),
  inMemory(
    '14.5',
    class extends RememberingStore {
      override async bySubject(subject: string): Found {
        const expired = Array.from(this.created).filter(
          ([id, record]) => record.subject === subject && record.expiresAt <= Date.now() && !this.deleted.has(id),
        );
        const found = await super.bySubject(subject);
        const known = new Set(found.map(([id]) => id));
        return [...found, ...expired.filter(([id]) => !known.has(id))];
      }
    },
  ),
  inMemory(
    '14.6',
    class extends RememberingStore {
      override async bySubject(subject: string): Found {
        const found = await super.bySubject(subject);
        return found.filter(([id]) => (this.created.get(id)?.expiresAt ?? 0) > Date.now());
      }
    },
  ),
  inMemory(
    '14.7',
    class extends MemoryStore {
      override async bySubject(subject: string): Found {
        return typeof subject === 'string' ? super.bySubject(subject) : [];
      }
    },
  ),
  inMemory(
    '14.8',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities, bySubject: false };
      override async bySubject(): Found {
        return [];
      }
    },
    { capabilities: { bySubject: false } },
  ),
];
