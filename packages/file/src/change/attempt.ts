import { isStoreError } from '@stet/core';

/** A change in two parts. What the first does means nothing to anybody until the second has succeeded. */
export interface Attempt {
  readonly prepare: () => Promise<void>;
  /** `false`: somebody else came first, and nothing changed. */
  readonly commit: () => Promise<boolean>;
  /** Removes what was prepared. */
  readonly undo: () => Promise<void>;
}

/**
 * Makes a change, and undoes what was prepared where it is certain that it is not needed. After an ambiguous commit it
 * may be.
 */
export async function attempt({ prepare, commit, undo }: Attempt): Promise<boolean> {
  try {
    await prepare();
  } catch (error) {
    await undo();
    throw error;
  }
  try {
    const isDone = await commit();
    if (!isDone) await undo();
    return isDone;
  } catch (error) {
    if (!isStoreError(error) || error.code !== 'STORE_AMBIGUOUS') await undo();
    throw error;
  }
}
