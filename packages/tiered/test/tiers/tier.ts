import type { SessionStore } from '@stet/core';
import { type FaultProxy, startFaultProxy } from '@stet/services';

/** How a store of a tier is opened. */
export interface TierSettings {
  /** Which data: a prefix, a table or a directory, where stores outlive themselves. */
  readonly namespace: string;
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  readonly maxDataBytes?: number;
  readonly now?: () => number;
}

/** Stores of one kind, over clients of one place. */
export interface Connection<S extends SessionStore> {
  open(settings: TierSettings): Promise<S>;
  /** Removes what a namespace has left behind. */
  remove?(namespace: string): Promise<void>;
  /** Puts something that cannot be read in place of a record. */
  spoil?(namespace: string, id: string): Promise<void>;
  close(): Promise<void>;
}

/** What the sessions of one tier may be kept in. */
export interface Kind<S extends SessionStore> {
  /** Other processes that connect see the same records. */
  readonly isShared: boolean;
  /** Starts a server of the tests' own, or makes a place on the disk. */
  start(): Promise<{ readonly url: string; stop(): Promise<unknown> }>;
  connect(url: string): Connection<S>;
}

/** Where one of the two stores of a tiered store keeps its records. */
export interface Tier<S extends SessionStore> extends Connection<S> {
  readonly name: string;
  readonly isShared: boolean;
  /**
   * What stands between the stores and their server; nothing where there is none, or where another process has started
   * it.
   */
  readonly proxy: FaultProxy | undefined;
}

/** A tier of a kind. Another process inherits the environment, and so finds the place of the first. */
export async function startTier<S extends SessionStore>(name: string, kind: Kind<S>): Promise<Tier<S>> {
  const { isShared } = kind;
  const variable = `STET_TIERED_${name.toUpperCase()}`;
  const given = process.env[variable];
  if (given !== undefined) return { ...kind.connect(given), name, isShared, proxy: undefined };
  const place = await kind.start();
  process.env[variable] = place.url;
  const url = new URL(place.url);
  const proxy = url.port === '' ? undefined : await startFaultProxy(Number(url.port), url.hostname);
  if (proxy) url.port = String(proxy.port);
  const connection = kind.connect(url.href);
  return {
    ...connection,
    name,
    isShared,
    proxy,
    async close() {
      delete process.env[variable];
      await connection.close();
      await proxy?.close();
      await place.stop();
    },
  };
}
