import { MemoryStore, type MemoryStoreOptions, type SessionRecord, type StoreCapabilities } from '@stet/core';
import type { StoreSettings } from '../../../src/index.ts';
import { target } from '../../fixtures/memory-target.ts';
import { inMemory, type Mutant } from '../mutant.ts';

export const manifestMutants: readonly Mutant[] = [
  inMemory(
    '0.1',
    class Namesakes extends MemoryStore {
      static readonly all = new Map<string, Namesakes>();
      readonly #namespace: string;
      constructor(options: MemoryStoreOptions, { namespace }: StoreSettings) {
        super(options);
        this.#namespace = namespace;
        Namesakes.all.set(namespace, this);
      }
      override async load(id: string): Promise<SessionRecord | null> {
        const namesake = Namesakes.all.get(this.#namespace.slice(1));
        return (await super.load(id)) ?? (await namesake?.load(id)) ?? null;
      }
    },
  ),
  inMemory(
    '0.2',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities, expiryGranularityMs: 2 };
    },
  ),
  inMemory(
    '0.3',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities, expiryGranularityMs: 1.5 };
    },
    { capabilities: { expiryGranularityMs: 1.5 } },
  ),
  inMemory(
    '0.4',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities };
      override async delete(id: string): Promise<boolean> {
        Object.assign(this.capabilities, { maxDataBytes: 1_024 });
        return super.delete(id);
      }
    },
  ),
];
