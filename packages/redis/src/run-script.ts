import { StoreError } from '@stet/core';
import { corrupt } from './entry.ts';
import type { RedisClient } from './redis-client.ts';
import { failedWrite, isUnknownScript } from './redis-error.ts';
import type { Durability } from './redis-store-options.ts';
import type { Script } from './scripts.ts';

/** What a script answers: a word for what it did, then what it found. */
type Answer = readonly [status: string, ...found: string[]];

export interface ScriptReply {
  readonly status: string;
  readonly found: readonly string[];
  /** The script was sent before, and nobody knows what became of that. */
  readonly repeated: boolean;
}

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
  try {
    return replyOf(await sendScript(client, run), false);
  } catch (error) {
    const failure = failedWrite(error);
    // A StoreError says that replicas are missing, which sending again would not change.
    if (failure === error || failure.code !== 'STORE_AMBIGUOUS') throw failure;
  }
  try {
    return replyOf(await sendScript(client, run), true);
  } catch (error) {
    throw failedWrite(error);
  }
}

function replyOf([status, ...found]: Answer, repeated: boolean): ScriptReply {
  if (status === 'corrupt') throw corrupt();
  return { status, found, repeated };
}

/** Sends the digest of a script, and the script itself to a server that does not know it (yet, or after SCRIPT FLUSH or a failover). */
async function sendScript(client: RedisClient, { script, key, args, durability }: ScriptRun): Promise<Answer> {
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
): Promise<Answer> {
  const reply = client.call(command, ...args) as Promise<Answer>;
  if (!durability) return reply;
  const { replicas, timeoutMs } = durability;
  // WAIT counts the replicas that have all that its own connection wrote: it goes out right behind the write.
  const [answer, count] = await Promise.all([reply, client.call('WAIT', String(replicas), String(timeoutMs))]);
  if (Number(count) >= replicas) return answer;
  throw new StoreError('STORE_AMBIGUOUS', `${count} of ${replicas} replicas have the write: a failover may undo it.`);
}
