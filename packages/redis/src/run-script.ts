import { StoreError } from '@stet/core';
import type { RedisClient } from './redis-client.ts';
import { failedWrite, isUnknownScript } from './redis-error.ts';
import type { Durability } from './redis-store-options.ts';
import type { Script } from './scripts.ts';

/** What a script answers: a word for what it did, then texts. */
export type ScriptReply = readonly [status: string, ...texts: string[]];

export interface ScriptRun {
  readonly script: Script;
  readonly key: string;
  readonly args: readonly string[];
  readonly durability?: Durability | undefined;
}

/**
 * Runs a script to a known end, if there is one. Where the connection was lost it is sent once more: the nonce in its arguments
 * makes that harmless, and the answer tells what became of the first.
 */
export async function runScript(client: RedisClient, run: ScriptRun): Promise<ScriptReply> {
  const send = (): Promise<ScriptReply> =>
    sendScript(client, run).catch((error) => {
      throw failedWrite(error);
    });
  const [status, ...texts] = await send().catch((failure) => {
    if (failure.code === 'STORE_AMBIGUOUS') return send();
    throw failure;
  });
  if (status !== 'corrupt') return [status, ...texts];
  throw new StoreError('STORE_CORRUPT_RECORD', 'The value of the key is not a session as this version writes it.');
}

/** Sends the digest of a script, and the script itself to a server that does not know it (yet, or after SCRIPT FLUSH or a failover). */
async function sendScript(client: RedisClient, { script, key, args, durability }: ScriptRun): Promise<ScriptReply> {
  try {
    return await sendDurably(client, durability, 'EVALSHA', script.sha, '1', key, ...args);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return sendDurably(client, durability, 'EVAL', script.source, '1', key, ...args);
  }
}

async function sendDurably(
  client: RedisClient,
  durability: Durability | undefined,
  command: string,
  ...args: string[]
): Promise<ScriptReply> {
  const reply = client.call(command, ...args) as Promise<ScriptReply>;
  if (!durability) return reply;
  const { replicas, timeoutMs } = durability;
  // WAIT counts the replicas that have all that its own connection wrote: it goes out right behind the write.
  const [answer, count] = await Promise.all([reply, client.call('WAIT', String(replicas), String(timeoutMs))]);
  if (Number(count) >= replicas) return answer;
  throw new StoreError('STORE_AMBIGUOUS', `${count} of ${replicas} replicas have the write: a failover may undo it.`);
}
