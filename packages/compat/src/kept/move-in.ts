import {
  type Codec,
  type FrontStore,
  idOf,
  isStoreError,
  JsonCodec,
  reportCorruptRecord,
  type SessionRecord,
  StoreError,
} from '@stet/core';
import { MigratingStore, type MigrationSource } from '@stet/tiered';
import type { LegacySessions } from './legacy-sessions.ts';

export interface MoveInOptions {
  /** What was left behind. Nothing else may write to it any more. */
  readonly from: LegacySessions;
  /** Where the sessions go: a store whose capabilities say `leasable`. */
  readonly to: FrontStore;
  /** How values become text there. Default {@link JsonCodec}. */
  readonly codec?: Codec;
}

/**
 * Moves all sessions that were left behind and have not moved yet, one by one, and yields the sid of each, while the
 * application runs. It may be left and begun again at any time, and run in several processes at once. What cannot be
 * read is reported on the channel `stet:corrupt-record` and stays where it is, as does what has expired.
 */
export async function* moveIn(options: MoveInOptions): AsyncGenerator<string> {
  for await (const [sid] of options.from.entries()) {
    try {
      for await (const _ of storeOf(sid, options).moveAll()) yield sid;
    } catch (error) {
      if (!isStoreError(error) || error.code !== 'STORE_CORRUPT_RECORD') throw error;
      reportCorruptRecord(idOf(sid), error);
    }
  }
}

/** The store of one session: it is there already, or its first use brings it over from where it was left. */
export function storeOf(sid: string, { from, to, codec = new JsonCodec() }: MoveInOptions): MigratingStore {
  const id = idOf(sid);

  async function load(asked: string): Promise<SessionRecord | null> {
    const left = asked === id ? await from.load(sid) : null;
    return left && { ...left, data: recoded(left.data, codec, id) };
  }

  const source: MigrationSource = {
    load,
    delete: async (asked) => asked === id && from.delete(sid),
    async *entries() {
      const record = await load(id);
      if (record) yield [id, record];
    },
  };
  return new MigratingStore({ from: source, to });
}

function recoded(json: string, codec: Codec, id: string): string {
  try {
    return codec.seal(codec.encode(JSON.parse(json)), id);
  } catch (cause) {
    throw new StoreError('STORE_CORRUPT_RECORD', 'What was left of the session cannot be kept here.', { cause });
  }
}
