import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Head } from '../head/head-name.ts';
import { readHead, readHeads } from '../head/session-directory.ts';
import { assertPresent, makeStore } from './make-store.ts';
import { leafNames, leafOf, type Place, placeIn } from './place.ts';

/** So many leaves are listed at once. */
const leavesAtOnce = 16;

/** A listing of one of the directories of the fan-out. */
export interface Leaf {
  readonly path: string;
  readonly names: readonly string[];
}

/** The directory that everything is kept in, made at first use. */
export class StoreDirectory {
  readonly #path: string;
  readonly #sync: boolean;
  #made: Promise<void> | undefined;

  constructor(path: string, sync: boolean) {
    this.#path = path;
    this.#sync = sync;
  }

  async placeOf(id: string): Promise<Place> {
    await this.#make();
    return placeIn(this.#path, id);
  }

  /** The head of a session, or `null` where there is none; which is believed only while the store is there. */
  async headOf({ session, leaf }: Place): Promise<Head | null> {
    const head = await readHead(session, leaf);
    if (!head) await assertPresent(this.#path);
    return head;
  }

  /** All heads of a session. More than one are none that can be read. */
  async headsOf({ session, leaf }: Place): Promise<Head[]> {
    const heads = await readHeads(session, leaf);
    if (heads.length === 0) await assertPresent(this.#path);
    return heads;
  }

  /** All leaves, some at a time, from a random one on, so that processes that sweep at once seldom meet. */
  async *leaves(): AsyncGenerator<readonly Leaf[]> {
    await this.#make();
    await assertPresent(this.#path);
    const start = randomInt(leafNames.length);
    const all = [...leafNames.slice(start), ...leafNames.slice(0, start)];
    for (let at = 0; at < all.length; at += leavesAtOnce) {
      yield Promise.all(all.slice(at, at + leavesAtOnce).map((name) => this.#list(name)));
    }
  }

  /** The leaf with the contents of all sessions of a subject. */
  async leafOfSubject(digest: string): Promise<Leaf> {
    await this.#make();
    return this.#list(digest);
  }

  async #list(digits: string): Promise<Leaf> {
    const path = leafOf(this.#path, digits);
    return { path, names: await readdir(path) };
  }

  #make(): Promise<void> {
    this.#made ??= makeStore(this.#path, this.#sync).catch((error) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }
}
