import { StoreError } from '@stet/core';

/** A store that stands on two others. They belong to whoever made them, and stay open when it is closed. */
export abstract class StackedStore {
  #isClosed = false;

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  protected assertOpen(): void {
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }
}
