import type { Socket } from 'node:net';

/** An item as a server has it. */
export interface Item {
  /** Text; anything else was put there by others. */
  readonly value: unknown;
  /** The server's number for this state of the item. Numbers begin again when the server does… */
  readonly unique: string;
  /** …so that it counts on this connection only, which no server outlives. */
  readonly connection: Socket | undefined;
}

/**
 * Sends one command to the one server that has the key, and waits for its answer: the store's own view of a client.
 *
 * Each promise settles within about `waitMs`. It resolves to `undefined` where no answer came, or none that makes
 * sense: the command may have been executed, and may yet be. Then its connection is closed, because it may be dead or
 * out of step. The promise rejects only where it is certain that the command was not executed and will not be.
 */
export interface CommandClient {
  /** The item, or `null` where there is none. */
  gets(key: string, waitMs: number): Promise<Item | null | undefined>;

  /** `false`: the key has an item. `lifetime` is as `lifetimeUntil` gives it. */
  add(key: string, value: string, lifetime: number, waitMs: number): Promise<boolean | undefined>;

  /** `false`: it cannot be told that the item is still the one that was read. */
  cas(key: string, value: string, held: Item, lifetime: number, waitMs: number): Promise<boolean | undefined>;

  /** `false`: the key has no item. */
  delete(key: string, waitMs: number): Promise<boolean | undefined>;
}
