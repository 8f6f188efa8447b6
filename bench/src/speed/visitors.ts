import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What the visitors are to do: visit one page of a site for a while. */
export interface Call {
  readonly origin: string;
  readonly page: string;
  readonly sliceMs: number;
}

export type Reply = { readonly perSecond: number } | { readonly error: string };

export interface Visitors {
  /** Requests per second. Rejects where a request fails or a change is lost. */
  visit(call: Call): Promise<number>;
  leave(): Promise<void>;
}

const ended: Reply = { error: 'the process of the visitors has ended' };

/** Starts the process of the visitors. */
export function startVisitors(): Visitors {
  const child = fork(new URL('./visitors-process.ts', import.meta.url));
  const exit = once(child, 'exit').then(() => [ended]);
  return {
    async visit(call) {
      child.send(call);
      const [reply] = (await Promise.race([once(child, 'message'), exit])) as [Reply];
      if ('error' in reply) throw new Error(`${call.origin}${call.page}: ${reply.error}`);
      return reply.perSecond;
    },
    async leave() {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}
