import { stat } from 'node:fs/promises';
import { refused } from './refusal.ts';

/**
 * Refuses a directory that other users of the machine can change: whoever can put files there can sign in as anybody.
 * The group may write to it, as in many containers; what the store makes inside is the owner's alone. Windows has no
 * such modes.
 */
export async function assertPrivate(directory: string): Promise<void> {
  const user = process.geteuid?.();
  if (user === undefined) return;
  const { uid, mode } = await stat(directory);
  if (uid !== user && uid !== 0) {
    throw refused(
      directory,
      `belongs to another user (uid ${uid}; this process runs as ${user}), who could replace sessions`,
      'Run the process as its owner, or name a directory inside it that does not exist yet: the store makes that its own.',
    );
  }
  if (mode & 0o002) {
    throw refused(
      directory,
      `may be changed by every user of this machine (mode ${(mode & 0o7777).toString(8)})`,
      'Run chmod o-w on it, or name a directory inside it that does not exist yet: the store makes that for its user alone.',
    );
  }
}
