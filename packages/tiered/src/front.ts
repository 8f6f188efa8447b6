import { assertSessionId, Deadlines, type FrontStore, isStoreError, type SessionRecord } from '@stet/core';
import { CircuitBreaker } from './circuit-breaker.ts';
import { publish, told } from './events.ts';
import { Invalidations } from './invalidations.ts';

/** What the front can do for a load. */
export interface Found {
  /** A young entry: the answer. */
  readonly record?: SessionRecord;
  /** Of a lease, or of an entry that has become too old: it may be filled with what the back has. */
  readonly token?: string;
}

/** An entry whose removal was not confirmed. */
export interface Unconfirmed {
  /** Until when the front may serve it, in Unix milliseconds. */
  readonly until: number;
  readonly cause: unknown;
}

export interface FrontSettings {
  readonly maxStalenessMs: number;
  /** How long one call to the front may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** The part of `maxStalenessMs` that may pass between the read of a record and its way into the front. */
const fillShare = 0.2;

const nothing: Found = {};

/** The front of a tiered store. What fails there is reported, and never thrown: the back can do without. */
export class Front {
  readonly #store: FrontStore;
  readonly #maxStalenessMs: number;
  readonly #now: () => number;
  readonly #deadlines: Deadlines;
  readonly #breaker: CircuitBreaker;
  readonly #invalidations: Invalidations;
  /** The token of the entry from which, or into which, a record came. */
  readonly #tokens = new WeakMap<SessionRecord, string>();

  constructor(store: FrontStore, { maxStalenessMs, timeoutMs, now }: FrontSettings) {
    this.#store = store;
    this.#maxStalenessMs = maxStalenessMs;
    this.#now = now;
    this.#deadlines = new Deadlines(timeoutMs);
    this.#breaker = new CircuitBreaker(now);
    this.#invalidations = new Invalidations((id) => this.#drop(id), now);
  }

  tokenOf(record: SessionRecord): string | undefined {
    return this.#tokens.get(record);
  }

  async lookUp(id: string): Promise<Found> {
    if (this.#invalidations.has(id)) return nothing;
    try {
      const found = await this.#breaker.run(() => this.#deadlines.run('read', () => this.#store.loadOrLease(id)));
      if (found.status === 'hit' && this.#isYoung(found.storedAt)) {
        publish('hit', { id });
        this.#tokens.set(found.record, found.token);
        return found;
      }
      publish(found.status === 'busy' ? 'busy' : 'miss', { id });
      return found.status === 'busy' ? nothing : { token: found.token };
    } catch (error) {
      // The front has refused an id that is none, and so will the back.
      assertSessionId(id);
      publish('front-unreachable', { id, error: told(error) });
      publish('miss', { id });
      // A cache has nothing to preserve for inspection.
      if (isStoreError(error) && error.code === 'STORE_CORRUPT_RECORD') await this.remove(id);
      return nothing;
    }
  }

  /**
   * Puts a record in place of what the token stands for. `false`: it may not be there. `since`: the time before the
   * back was asked for the record; one that took long is not put there, because its age in the front would be counted
   * from now.
   */
  async replace(id: string, token: string, record: SessionRecord, since: number): Promise<boolean> {
    const isLate = this.#now() - since >= this.#maxStalenessMs * fillShare;
    if (isLate) return false;
    try {
      const next = await this.#breaker.run(() =>
        this.#deadlines.run('write', () => this.#store.replaceIf(id, token, record)),
      );
      if (next === null) return false;
      this.#tokens.set(record, next);
      return true;
    } catch (error) {
      const isTooLarge = isStoreError(error) && error.code === 'STORE_TOO_LARGE';
      if (!isTooLarge) publish('front-unreachable', { id, error: told(error) });
      return false;
    }
  }

  /** Removes an entry. Where that is not confirmed it goes on in the background. */
  async remove(id: string): Promise<Unconfirmed | undefined> {
    try {
      await this.#drop(id);
      return undefined;
    } catch (error) {
      const until = Math.ceil(this.#now()) + this.#maxStalenessMs;
      const cause = told(error);
      this.#invalidations.add(id, until);
      publish('front-unreachable', { id, error: cause });
      publish('invalidation-unconfirmed', { id, mayBeServedUntil: until });
      return { until, cause };
    }
  }

  close(): void {
    this.#invalidations.close();
  }

  async #drop(id: string): Promise<void> {
    await this.#breaker.run(() => this.#deadlines.run('write', () => this.#store.delete(id)));
  }

  /** An entry of the future has a clock that cannot be gone by. */
  #isYoung(storedAt: number): boolean {
    const ageMs = this.#now() - storedAt;
    return ageMs >= 0 && ageMs < this.#maxStalenessMs * (1 - fillShare);
  }
}
