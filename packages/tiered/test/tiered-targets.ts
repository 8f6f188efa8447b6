import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConformanceTarget, defineTarget } from '@stet/conformance';
import { MemoryStore } from '@stet/core';
import { FileStore } from '@stet/file';
import { TieredStore } from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'stet-tiered-'));
const maxDataBytes = 65_536;
const capabilities = {
  shared: false,
  iterable: true,
  sweepable: true,
  bySubject: true,
  leasable: false,
  expiryGranularityMs: 1,
  maxDataBytes,
};

export const memoryOverMemory: ConformanceTarget = defineTarget({
  name: 'TieredStore(MemoryStore, MemoryStore)',
  capabilities: { ...capabilities, durable: false },
  createStore: ({ leaseMs }) =>
    new TieredStore({ front: new MemoryStore({ leaseMs }), back: new MemoryStore({ maxDataBytes }) }),
});

/** The front takes less than the back: what is larger is served by the back alone. */
export const memoryOverFile: ConformanceTarget = defineTarget({
  name: 'TieredStore(MemoryStore, FileStore)',
  capabilities: { ...capabilities, durable: true },
  createStore: ({ namespace, timeoutMs, leaseMs }) =>
    new TieredStore({
      front: new MemoryStore({ leaseMs, maxDataBytes: 1_024 }),
      back: new FileStore({ directory: join(root, namespace), timeoutMs, maxDataBytes }),
    }),
  dispose: (namespace) => rm(join(root, namespace), { recursive: true, force: true }),
  close: () => rm(root, { recursive: true, force: true }),
});
