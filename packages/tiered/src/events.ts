import { type Channel, channel } from 'node:diagnostics_channel';
import { isStoreError, StoreError } from '@stet/core';

/** What a subscriber of a `stet:tiered:` or `stet:migrating:` channel is told. Never a visitor's token, never data. */
export interface TieredEvent {
  readonly id: string;
}

/** A call to the front that failed, or that was not made because of failures before. */
export interface FrontUnreachableEvent extends TieredEvent {
  readonly error: unknown;
}

/** A write stands in the back, and the front could not be told. */
export interface InvalidationUnconfirmedEvent extends TieredEvent {
  /** Until when other processes may be served an older state, in Unix milliseconds. */
  readonly mayBeServedUntil: number;
}

/** A session has moved, and its old copy could not be removed. */
export interface LeftBehindEvent extends TieredEvent {
  readonly error: unknown;
}

interface Events {
  /** The front answered a load. */
  readonly hit: TieredEvent;
  /** The front had nothing, or nothing young enough, or could not be asked: the back answered. */
  readonly miss: TieredEvent;
  /** Somebody else was filling the entry: the back answered. */
  readonly busy: TieredEvent;
  readonly 'front-unreachable': FrontUnreachableEvent;
  /** An update found that the front's entry, on which it was based, was older than the back, and replaced it. */
  readonly 'stale-entry-repaired': TieredEvent;
  readonly 'invalidation-unconfirmed': InvalidationUnconfirmedEvent;
  /** A session was brought over. */
  readonly moved: TieredEvent;
  readonly 'left-behind': LeftBehindEvent;
}

const channels: Readonly<Record<keyof Events, Channel>> = {
  hit: channel('stet:tiered:hit'),
  miss: channel('stet:tiered:miss'),
  busy: channel('stet:tiered:busy'),
  'front-unreachable': channel('stet:tiered:front-unreachable'),
  'stale-entry-repaired': channel('stet:tiered:stale-entry-repaired'),
  'invalidation-unconfirmed': channel('stet:tiered:invalidation-unconfirmed'),
  moved: channel('stet:migrating:moved'),
  'left-behind': channel('stet:migrating:left-behind'),
};

/** Tells the subscribers of the event's diagnostics channel. */
export function publish<E extends keyof Events>(event: E, message: Events[E]): void {
  if (channels[event].hasSubscribers) channels[event].publish(message);
}

/** What a channel is told of an error: a `StoreError` has no data in it, another may. */
export function told(error: unknown): StoreError {
  return isStoreError(error) ? error : new StoreError('STORE_UNAVAILABLE', 'The store failed.', { cause: error });
}
