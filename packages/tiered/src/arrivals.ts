import { type Deadline, type FrontStore, isStoreError, type SessionRecord, StoreError } from '@stet/core';
import { publish, told } from './events.ts';
import type { MigrationSource } from './migration-source.ts';

/** What came of bringing a session over: the record that `to` has by now, none, or somebody else is about it. */
type Arrival = SessionRecord | null | 'busy';

const longestPauseMs = 100;

/** The part of its time for which a logout waits for whoever moves the session: a move takes milliseconds. */
const patience = 0.1;

/**
 * Brings sessions over, each once. A mover holds a lease in `to` while it reads `from`, and any delete cancels that
 * lease, so that of several movers one brings the session over and none brings back one that has ended.
 */
export class Arrivals {
  readonly #from: MigrationSource;
  readonly #to: FrontStore;

  constructor(from: MigrationSource, to: FrontStore) {
    this.#from = from;
    this.#to = to;
  }

  /**
   * Moves a session that was seen in `from`. What was read before there was a lease may have ended since, so it is read
   * again.
   */
  async bring(id: string, deadline: Deadline): Promise<Arrival> {
    do {
      const found = await this.#to.loadOrLease(id);
      if (found.status === 'hit') return found.record;
      if (found.status === 'busy') return 'busy';
      const record = await this.#from.load(id);
      // Our lease may have run out, and somebody else have been faster.
      if (!record) return this.#to.load(id);
      deadline.assertAhead();
      if ((await this.#to.replaceIf(id, found.token, record)) !== null) {
        publish('moved', { id });
        await this.#leave(id);
        return record;
      }
    } while (deadline.leftMs() > 0);
    throw deadline.explain();
  }

  /** Makes a call to `to`; where it finds nothing there, again as soon as the session has been brought over. */
  async once<T>(id: string, deadline: Deadline, call: () => Promise<{ result: T; isGone: boolean }>): Promise<T> {
    const { explain } = deadline;
    for (let pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      deadline.explain = explain;
      const { result, isGone } = await call();
      if (!isGone) return result;
      // Whatever happens until the next call, this one has changed nothing.
      deadline.explain = notArrived;
      const arrival = (await this.#from.load(id)) ? await this.bring(id, deadline) : await this.#to.load(id);
      if (arrival === null) return result;
      if (arrival === 'busy') await pause(pauseMs);
      deadline.assertAhead();
    }
  }

  /**
   * Brings a session over that is about to end, so that of several logouts `to` alone tells which of them ended it.
   * `false`: it cannot be kept there, or whoever moves it has not come to an end in a tenth of the time, and is waited
   * for no longer.
   */
  async settles(id: string, deadline: Deadline): Promise<boolean> {
    const { explain } = deadline;
    deadline.explain = notArrived;
    try {
      for (
        let pauseMs = 5;
        deadline.leftMs() > deadline.timeoutMs * (1 - patience);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs)
      ) {
        if ((await this.bring(id, deadline)) !== 'busy') return true;
        await pause(pauseMs);
      }
      return false;
    } catch (error) {
      if (isStoreError(error) && (error.code === 'STORE_CORRUPT_RECORD' || error.code === 'STORE_TOO_LARGE'))
        return false;
      throw error;
    } finally {
      deadline.explain = explain;
    }
  }

  /** The session has arrived; where its old copy cannot be removed now, its end or the move of all does it. */
  async #leave(id: string): Promise<void> {
    try {
      await this.#from.delete(id);
    } catch (error) {
      publish('left-behind', { id, error: told(error) });
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function notArrived(): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    'The session has not arrived in time: somebody else is moving it, or a store is slow. Nothing was changed; try again.',
  );
}
