import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readdir, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConformanceTarget, defineTarget } from '@stet/conformance';
import { FileStore } from '../src/index.ts';
import { diskError, interceptDisk } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { contentOf, sessionOf } from './stored-files.ts';

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
  async createStore({ namespace, timeoutMs, leaseMs }) {
    const options = { directory: join(root, namespace), durability: 'process-crash', maxDataBytes, leaseMs } as const;
    const patient = patientStore(options);
    // Rules that are about the deadline ask for less than a second. No other may fail because a busy disk takes its
    // time.
    if (timeoutMs >= 2_000) return patient;
    // Nor may these, because making the directories of a store took long.
    await patient.load('0'.repeat(64));
    return new FileStore({ ...options, timeoutMs });
  },
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
    /**
     * A state of the session that no process has read yet, and none can: a head, and content that is not what was
     * written.
     */
    async corrupt({ namespace }, id) {
      const directory = join(root, namespace);
      const session = sessionOf(directory, id);
      const [head = ''] = await readdir(session);
      const content = await contentOf(directory, id);
      const [, nonce = ''] = /\.([0-9a-f]{32})/.exec(head) ?? [];
      const unread = randomBytes(16).toString('hex');
      await truncate(content, 70);
      await rename(content, content.replace(nonce, unread));
      await rename(join(session, head), join(session, head.replace(nonce, unread)));
    },
  },
  dispose: (namespace) => rm(join(root, namespace), { recursive: true, force: true }),
  close: () => rm(root, { recursive: true, force: true }),
});
