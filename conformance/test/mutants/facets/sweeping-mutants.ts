import { MemoryStore, type StoreCapabilities, type SweepOptions } from '@stet/core';
import { target } from '../../fixtures/memory-target.ts';
import { inMemory, type Mutant } from '../mutant.ts';
import { RememberingStore } from '../remembering-store.ts';

export const sweepingMutants: readonly Mutant[] = [
  inMemory(
    '13.1',
    class extends MemoryStore {
      override async deleteExpired(options?: SweepOptions): Promise<number> {
        // One batch, and no second one.
        return super.deleteExpired(options ?? { limit: 16 });
      }
    },
  ),
  inMemory(
    '13.2',
    class extends MemoryStore {
      override async deleteExpired(options?: SweepOptions): Promise<number> {
        // A clock of another time zone.
        let deleted = await super.deleteExpired(options);
        for await (const [id, { expiresAt }] of super.entries()) {
          if (expiresAt < Date.now() + 7_200_000 && (await super.delete(id))) deleted += 1;
        }
        return deleted;
      }
    },
  ),
  inMemory(
    '13.3',
    class extends RememberingStore {
      override async deleteExpired(options?: SweepOptions): Promise<number> {
        let deleted = await super.deleteExpired(options);
        for await (const [id] of super.entries()) {
          const first = this.created.get(id)?.expiresAt ?? 0;
          if (first <= Date.now() && (await super.delete(id))) deleted += 1;
        }
        return deleted;
      }
    },
  ),
  inMemory(
    '13.4',
    class extends MemoryStore {
      override async deleteExpired({ limit: _, ...options }: SweepOptions = {}): Promise<number> {
        return super.deleteExpired(options);
      }
    },
  ),
  inMemory(
    '13.5',
    class extends MemoryStore {
      override async deleteExpired(options: SweepOptions = {}): Promise<number> {
        options.signal?.throwIfAborted();
        return super.deleteExpired(options);
      }
    },
  ),
  inMemory(
    '13.6',
    class extends MemoryStore {
      override async deleteExpired(options: SweepOptions = {}): Promise<number> {
        return options.signal?.aborted ? super.deleteExpired({ limit: 5 }) : super.deleteExpired(options);
      }
    },
  ),
  inMemory(
    '13.7',
    class extends MemoryStore {
      #running: Promise<number> | undefined;
      override async deleteExpired(options?: SweepOptions): Promise<number> {
        this.#running ??= super.deleteExpired(options).finally(() => {
          this.#running = undefined;
        });
        return this.#running;
      }
    },
  ),
  inMemory(
    '13.9',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities, sweepable: false };
      override async deleteExpired(): Promise<number> {
        return 0;
      }
    },
    { capabilities: { sweepable: false } },
  ),
];
