import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type SessionStore, Sessions } from '@stet/core';
import { atOnce } from '../at-once.ts';
import type { BackName } from '../tiers/backs.ts';
import type { FrontName } from '../tiers/fronts.ts';
import type { Shop } from './shop.ts';

/** Flags the cart of every session, and tells of each once that was acknowledged. */
export type Job = (flagged: (id: string) => unknown) => Promise<void>;

/** Which stores a job in another process uses. */
export interface JobStores {
  readonly namespace: string;
  readonly back: BackName;
  /** Left out: the job uses the back alone. */
  readonly front?: FrontName;
}

/** The job in this process. */
export function jobOn(store: SessionStore): Job {
  return async (flagged) => {
    const sessions = new Sessions<Shop>({ store });
    const ids: string[] = [];
    for await (const { id } of sessions.entries()) ids.push(id);
    await atOnce(8, ids, async (id) => {
      await sessions.transact(id, (session) => {
        session.data.emailSent = true;
      });
      await flagged(id);
    });
  };
}

/** The job in a process of its own. */
export function jobElsewhere(stores: JobStores): Job {
  return async (flagged) => {
    const worker = fileURLToPath(new URL('job-process.ts', import.meta.url));
    const child = fork(worker, [JSON.stringify(stores)], { execArgv: [] });
    child.on('message', (id) => flagged(String(id)));
    // With the channel closed, all that was sent has come.
    const [[code]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    if (code !== 0) throw new Error(`The job ended with ${code}.`);
  };
}
