import type { Socket } from 'node:net';
import { StoreError } from '@stet/core';
import type { CommandClient, Item } from '../command-client.ts';
import { type Waiting, WaitingRoom } from '../waiting.ts';
import { assertMemcache } from './assert-memcache.ts';
import { connect, openConnection } from './connect.ts';
import type { MemcacheClient, MemcacheNode } from './memcache-client.ts';

/** One command. */
interface Command<A, T> {
  readonly key: string;
  readonly waitMs: number;
  /** Sends it in this turn. */
  readonly send: (node: MemcacheNode, connection: Socket) => Promise<A>;
  /** What the answer of the node says. `undefined`: it makes no sense. */
  readonly read: (answer: A, connection: Socket) => T | undefined;
}

/** What a node answers to `get`. */
interface Found {
  readonly values?: readonly string[];
  readonly foundKeys: readonly string[];
}

/**
 * Makes a client of the npm package `memcache` 1.10 fit for a store; the servers have to be Memcached 1.6 or later.
 * Throws a `TypeError` for a client that keeps a key on several servers, changes its servers by itself, or signs in by
 * SASL.
 *
 * Commands go through the nodes of the client. The methods of the client itself read no cas unique, and report a server
 * that cannot be reached as a miss.
 */
export function fromMemcache(client: MemcacheClient): CommandClient {
  assertMemcache(client);
  return new MemcacheCommands(client);
}

class MemcacheCommands implements CommandClient {
  readonly #client: MemcacheClient;
  readonly #waiting = new WaitingRoom();

  constructor(client: MemcacheClient) {
    this.#client = client;
  }

  /**
   * A node drops the unique from its answer to `gets`, so `mg` asks for it in the same packet. It goes first: where the
   * item changes between the two, the unique is of the older state, and the server refuses a `cas` by it.
   */
  gets(key: string, waitMs: number): Promise<Item | null | undefined> {
    let header: unknown;
    return this.#ask<Found, Item | null>({
      key,
      waitMs,
      send(node, connection) {
        connection.cork();
        // Why it fails is of no interest, except that a server without it says ERROR. All else fails the command after
        // it as well.
        node.command(`mg ${key} c`).then(
          (line) => {
            header = line;
          },
          (error) => {
            header = (error as Error).message;
          },
        );
        const found = node.command(`get ${key}`, { isMultiline: true, requestedKeys: [key] }) as Promise<Found>;
        connection.uncork();
        return found;
      },
      read({ foundKeys, values }, connection) {
        if (header === 'ERROR')
          throw new StoreError('STORE_UNSUPPORTED', 'The server does not know mg. Memcached 1.6 does.');
        if (foundKeys.length === 0) return null;
        if (foundKeys[0] !== key) return undefined;
        return itemOf(values?.[0], header, connection);
      },
    });
  }

  add(key: string, value: string, lifetime: number, waitMs: number): Promise<boolean | undefined> {
    const command = `add ${key} 0 ${lifetime} ${Buffer.byteLength(value)}\r\n${value}`;
    return this.#ask({
      key,
      waitMs,
      send: (node) => node.command(command),
      // The node says false for NOT_STORED.
      read: (answer) => isYes(answer, 'STORED', [false]),
    });
  }

  cas(
    key: string,
    value: string,
    { unique, connection }: Item,
    lifetime: number,
    waitMs: number,
  ): Promise<boolean | undefined> {
    if (!connection || openConnection(this.#nodeOf(key)) !== connection) return Promise.resolve(false);
    const command = `cas ${key} 0 ${lifetime} ${Buffer.byteLength(value)} ${unique}\r\n${value}`;
    return this.#ask({
      key,
      waitMs,
      send: (node) => node.command(command),
      read: (answer) => isYes(answer, 'STORED', ['EXISTS', 'NOT_FOUND']),
    });
  }

  delete(key: string, waitMs: number): Promise<boolean | undefined> {
    return this.#ask({
      key,
      waitMs,
      send: (node) => node.command(`delete ${key}`),
      read: (answer) => isYes(answer, 'DELETED', ['NOT_FOUND']),
    });
  }

  #ask<A, T>({ key, waitMs, send, read }: Command<A, T>): Promise<T | undefined> {
    const node = this.#nodeOf(key);
    const endsAt = performance.now() + waitMs;
    return new Promise((resolve, reject) => {
      const ask = (): void => {
        const connection = openConnection(node);
        if (!connection) {
          reject(new Error('The connection was closed before the command was sent.'));
          return;
        }
        const giveUp = (): void => {
          connection.destroy();
          resolve(undefined);
        };
        const waiting = this.#wait(endsAt, connection, giveUp);
        send(node, connection).then(
          (answer) => {
            if (!this.#waiting.end(waiting)) return;
            try {
              const answered = read(answer, connection);
              if (answered === undefined) giveUp();
              else resolve(answered);
            } catch (error) {
              reject(error);
            }
          },
          (error) => {
            if (!this.#waiting.end(waiting)) return;
            if (isRefusal(error)) reject(error);
            else giveUp();
          },
        );
      };
      if (openConnection(node)) {
        ask();
        return;
      }
      const tooLate = (): void => reject(new Error(`No connection to the server within ${Math.ceil(waitMs)} ms.`));
      const waiting = this.#wait(endsAt, undefined, tooLate);
      connect(node).then(
        () => this.#waiting.end(waiting) && ask(),
        (error) => this.#waiting.end(waiting) && reject(error),
      );
    });
  }

  #wait(endsAt: number, connection: Socket | undefined, giveUp: () => void): Waiting {
    const waiting = { endsAt, connection, giveUp };
    this.#waiting.begin(waiting);
    return waiting;
  }

  #nodeOf(key: string): MemcacheNode {
    const { nodes, hash } = this.#client;
    return (nodes.length === 1 ? nodes : hash.getNodesByKey(key))[0] as MemcacheNode;
  }
}

/**
 * `header` is the line that answers `mg`: `EN` where the item came between that and the `get` after it. No `cas` is
 * sent for it then.
 */
function itemOf(value: unknown, header: unknown, connection: Socket): Item | undefined {
  if (header === 'EN') return { value, unique: '', connection: undefined };
  if (typeof header !== 'string' || !header.startsWith('HD c')) return undefined;
  return { value, unique: header.slice('HD c'.length), connection };
}

function isYes(answer: unknown, yes: string, no: readonly unknown[]): boolean | undefined {
  if (answer === yes) return true;
  return no.includes(answer) ? false : undefined;
}

/** Whether the server has said that it does not execute the command. Every other error leaves that open. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('SERVER_ERROR');
}
