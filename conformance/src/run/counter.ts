import type { SessionStore } from '@stet/core';
import { violated } from '../expectation.ts';

/**
 * Adds 1 to the number that a record's data is, that often, each time from a fresh load or from the record that came
 * first.
 */
export async function countUp(store: SessionStore, id: string, times: number): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    let base = await store.load(id);
    for (;;) {
      if (!base) return violated('the counted record to live all through', 'it was gone');
      const { expiresAt } = base;
      const result = await store.update(id, base, { data: String(Number(base.data) + 1), expiresAt });
      if (result.status === 'updated') break;
      base = result.status === 'conflict' ? result.current : null;
    }
  }
}
