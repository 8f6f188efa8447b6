import type { SessionRecord } from '@stet/core';

/** A call that a process has sent to one of two stores: `front` has leases, `back` is any. */
export type Request =
  /** The process is about to begin an operation, whenever it likes. */
  | { readonly tier: 'self'; readonly op: 'begin'; readonly what: string }
  | { readonly tier: 'front'; readonly op: 'loadOrLease' | 'get' }
  | { readonly tier: 'front'; readonly op: 'replaceIf'; readonly token: string; readonly record: SessionRecord }
  | { readonly tier: 'front'; readonly op: 'put' | 'putIfNewer' | 'putIfMissing'; readonly record: SessionRecord }
  | { readonly tier: 'back'; readonly op: 'entries' }
  | { readonly tier: Tier; readonly op: 'load' | 'delete' }
  | { readonly tier: Tier; readonly op: 'touch'; readonly expiresAt: number }
  | { readonly tier: Tier; readonly op: 'create'; readonly data: string; readonly expiresAt: number }
  | {
      readonly tier: Tier;
      readonly op: 'update';
      readonly revision: number;
      readonly data: string;
      readonly expiresAt: number;
    };

export type Tier = 'front' | 'back';

/** What a tier answers, as data; tokens are under the names that the process itself has for them. */
export type Answer =
  | { readonly value: unknown; readonly token?: number }
  | { readonly error: 'STORE_UNAVAILABLE' | 'STORE_AMBIGUOUS' };

/** What a process has learned, in the order in which it has: its state is a function of that. */
export interface Event {
  /** The number of the call that was answered, or `timer` where the process's timer rang. */
  readonly of: number | 'timer';
  readonly answer: Answer;
  /** The process's clock, in units of the staleness bound. */
  readonly clock: number;
}

/** What a process tells its caller. */
export type Fact =
  | { readonly kind: 'loaded'; readonly record: SessionRecord | null }
  | { readonly kind: 'created'; readonly record: SessionRecord; readonly key: string }
  | {
      readonly kind: 'updated';
      readonly base: SessionRecord;
      readonly record: SessionRecord;
      readonly key: string;
      readonly isConfirmed: boolean;
    }
  | { readonly kind: 'touched'; readonly expiresAt: number; readonly isConfirmed: boolean }
  | { readonly kind: 'deleted'; readonly wasLive: boolean; readonly isConfirmed: boolean }
  /** Ended by an update. */
  | { readonly kind: 'ended'; readonly record: SessionRecord }
  | { readonly kind: 'failed' };

export const startedAt = 1_800_000_000_000;
export const boundMs = 10_000;
export const firstExpiry: number = startedAt + 3_600_000;
