import { statfs } from 'node:fs/promises';
import { refused } from './refusal.ts';

/**
 * Refuses a directory on a network file system, and warns of one that may be. Their clients keep listings, so that a
 * session that was ended on one machine may still be found on another; and they repeat a request whose answer was lost.
 *
 * The numbers are those of Linux (statfs(2)). Elsewhere nothing is noticed.
 */
export async function assertLocal(directory: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const { type } = await statfs(directory);
  const number = type >>> 0;
  const network = networks.get(number);
  if (network) {
    throw refused(
      directory,
      `is on a network file system (${network}), where other machines may read what has been replaced or deleted`,
      'Use a directory on a local disk, or a store for many machines, such as @stet/redis or @stet/sql.',
    );
  }
  const doubtful = maybeNetworks.get(number);
  if (!doubtful) return;
  process.emitWarning(
    `FileStore: ${directory} is on a file system of the kind ${doubtful}, which may be on another machine. ` +
      'Sessions are safe there only where it renames atomically, syncs, and shows each change to all processes at once.',
    { code: 'STET_DOUBTFUL_FILE_SYSTEM' },
  );
}

const networks: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
]);

/**
 * FUSE is sshfs and s3fs, but also the disk of a rootless container; 9P and vboxsf are folders of the host of a virtual
 * machine.
 */
const maybeNetworks: ReadonlyMap<number, string> = new Map([
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
  [0x786f4256, 'vboxsf'],
]);
