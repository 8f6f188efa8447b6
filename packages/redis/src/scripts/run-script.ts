import { type Deadline, StoreError } from '@stet/core';
import type { RedisClient } from '../client/redis-client.ts';
import { isOpen, isUnknownScript, redisFailureAgain } from '../client/redis-error.ts';
import { corrupt } from '../entry.ts';
import { newNonce } from '../nonce.ts';
import type { Durability } from '../redis-store-options.ts';
import type { Script } from './script.ts';

/** What a script answers: a word for what it did, then what it found. */
type Answer = readonly [status: string, ...found: string[]];

export interface ScriptReply {
  readonly status: string;
  readonly found: readonly string[];
  /** The nonce that the answer is about. */
  readonly nonce: string;
  /** The script was sent before, and nobody knows what became of that. */
  readonly repeated: boolean;
}

export interface ScriptRun {
  readonly script: Script;
  readonly key: string;
  readonly nonce: string;
  /**
   * A second sending has a nonce of its own, so that the first one, if it arrives late, leaves a token that nobody
   * holds.
   */
  readonly renews?: boolean;
  /** The present time as a field, and how long the mark of what has ended is kept, in milliseconds. */
  readonly common: readonly [now: string, lingerMs: string];
  readonly args: readonly string[];
  readonly durability?: Durability | undefined;
}

/**
 * Runs a script for a session to a known end, if there is one. Where the connection was lost it is sent once more: the
 * nonce in its arguments makes that harmless, and the answer tells what became of the first.
 */
export function runScript(client: RedisClient, run: ScriptRun, deadline: Deadline): Promise<ScriptReply> {
  const { nonce } = run;
  return send(client, run, nonce, '').then(
    (answer) => replyOf(answer, nonce, false),
    async (error: unknown) => {
      if (!isOpen(error)) throw error;
      deadline.assertAhead();
      const next = run.renews ? newNonce() : nonce;
      const answer = await send(client, run, next, nonce).catch((again: unknown) => {
        throw redisFailureAgain(again, deadline.kind);
      });
      return replyOf(answer, next, true);
    },
  );
}

function replyOf([status, ...found]: Answer, nonce: string, repeated: boolean): ScriptReply {
  if (status === 'corrupt') throw corrupt();
  if (status === 'unknown') {
    throw new StoreError('STORE_AMBIGUOUS', 'The write may have been done before others wrote over it.');
  }
  return { status, found, nonce, repeated };
}

function send(
  client: RedisClient,
  { script, key, common, args, durability }: ScriptRun,
  nonce: string,
  former: string,
): Promise<Answer> {
  return sendScript(client, script, key, [nonce, ...common, former, ...args], durability);
}

/**
 * Sends the digest of a script, and the script itself to a server that does not know it (yet, or after SCRIPT FLUSH or
 * a failover).
 */
export function sendScript(
  client: RedisClient,
  script: Script,
  key: string,
  args: readonly string[],
  durability?: Durability,
): Promise<Answer> {
  return sendDurably(client, durability, 'EVALSHA', script.sha, '1', key, ...args).catch((error: unknown) => {
    if (!isUnknownScript(error)) throw error;
    return sendDurably(client, durability, 'EVAL', script.source, '1', key, ...args);
  });
}

function sendDurably(
  client: RedisClient,
  durability: Durability | undefined,
  command: string,
  ...args: string[]
): Promise<Answer> {
  const reply = client.call(command, ...args) as Promise<Answer>;
  return durability ? confirmed(client, durability, reply) : reply;
}

/** WAIT counts the replicas that have all that its own connection wrote: it goes out right behind the write. */
async function confirmed(
  client: RedisClient,
  { replicas, timeoutMs }: Durability,
  reply: Promise<Answer>,
): Promise<Answer> {
  const [answer, count] = await Promise.all([reply, client.call('WAIT', String(replicas), String(timeoutMs))]);
  if (Number(count) >= replicas) return answer;
  throw new StoreError('STORE_AMBIGUOUS', `${count} of ${replicas} replicas have the write: a failover may undo it.`);
}
