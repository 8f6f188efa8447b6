import { mkdtempSync } from 'node:fs';
import { readdir, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConformanceTarget, defineTarget } from '@stet/conformance';
import { FileStore } from '../src/index.ts';
import { diskError, interceptDisk } from './disk-interception.ts';

// A second process inherits the environment, and so finds the same directories.
process.env.STET_FILE_ROOT ??= mkdtempSync(join(tmpdir(), 'stet-file-'));
const root = process.env.STET_FILE_ROOT;
const maxDataBytes = 65_536;

export const target: ConformanceTarget = defineTarget({
  name: 'FileStore',
  capabilities: {
    durable: true,
    shared: true,
    iterable: true,
    sweepable: true,
    bySubject: true,
    leasable: true,
    expiryGranularityMs: 1,
    maxDataBytes,
  },
  module: import.meta.url,
  createStore: ({ namespace, timeoutMs, leaseMs }) =>
    new FileStore({ directory: join(root, namespace), timeoutMs, maxDataBytes, leaseMs }),
  faults: {
    /** A file where the directory was: every path below it is an error, none is "not found". */
    async outage({ namespace }) {
      const directory = join(root, namespace);
      await rename(directory, `${directory}.away`);
      await writeFile(directory, '');
      return async () => {
        await unlink(directory);
        await rename(`${directory}.away`, directory);
      };
    },
    /** Calls to the disk that never come back. */
    async stall({ namespace }) {
      const forever = new Promise<never>(() => {});
      const restore = interceptDisk(join(root, namespace), () => forever);
      return async () => restore();
    },
    /** The next commit takes effect and is reported as failed. */
    async loseReply({ namespace }) {
      let isLost = false;
      const restore = interceptDisk(join(root, namespace), async (call, proceed) => {
        const result = await proceed();
        // A head (`h.`) is replaced or removed, or the draft of a session (`t.`) is put in its place.
        const isCommit = ['rename', 'unlink'].includes(call.name) && /\/[ht]\.[^/]*$/.test(call.path);
        if (isLost || !isCommit) return result;
        isLost = true;
        throw diskError('EIO', call);
      });
      return async () => restore();
    },
    async corrupt({ namespace }, id) {
      const leaf = join(root, namespace, id.slice(0, 2), id.slice(2, 4));
      const data = (await readdir(leaf)).find((name) => name.startsWith(`${id}.`));
      if (!data) throw new Error(`no data file of ${id}`);
      await truncate(join(leaf, data), 70);
    },
  },
  dispose: (namespace) => rm(join(root, namespace), { recursive: true, force: true }),
  close: () => rm(root, { recursive: true, force: true }),
});
