import type { Codec } from '../../codecs/codec.ts';
import type { SessionRecord } from '../../contract/session-store.ts';
import { decodeSession, type OwnLife } from './record-data.ts';

/** A session as the store has it: the record with its id, and the text of its data. */
export class Kept {
  readonly id: string;
  readonly record: SessionRecord;
  /** The lifetime that the session has for itself. */
  readonly life: OwnLife | undefined;
  /** What the codec made of the text. */
  readonly sealed: string;
  readonly #codec: Codec;
  #text: string | undefined;

  /**
   * The text is opened when it is first asked for, unless it is known. Throws `STORE_CORRUPT_RECORD` for a lifetime
   * that cannot be read.
   */
  constructor(codec: Codec, id: string, record: SessionRecord, text?: string) {
    const { sealed, life } = decodeSession(record.data);
    this.id = id;
    this.record = record;
    this.life = life;
    this.sealed = sealed;
    this.#codec = codec;
    this.#text = text;
  }

  /**
   * What the codec encoded, to be compared with what it encodes now. Throws `STORE_CORRUPT_RECORD` where it cannot be
   * read.
   */
  get text(): string {
    this.#text ??= this.#codec.open(this.sealed, this.id);
    return this.#text;
  }

  /** The same data in a newer record. */
  in(record: SessionRecord): Kept {
    return new Kept(this.#codec, this.id, record, this.#text);
  }
}
