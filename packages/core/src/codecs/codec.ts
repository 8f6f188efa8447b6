/** A session's data: what an application keeps, by top-level key. */
export type SessionValues = Record<string, unknown>;

/**
 * Turns a session's data into the text that a store keeps, and back. Values are encoded one by one, because each top-level
 * key is compared and merged on its own.
 */
export interface Codec {
  /**
   * The text of one value, or `undefined` for a value that is left out. Equal text means unchanged: it has to be the same for the same
   * value every time. Throws a `TypeError` for a value that cannot be kept.
   */
  encodeValue(value: unknown): string | undefined;
  /** The value of a text that `encodeValue` gave: a new one each time. */
  decodeValue(text: string): unknown;
  /** Joins the texts of a session's values into the data of the record with this id. */
  encode(values: ReadonlyMap<string, string>, id: string): string;
  /** Takes a record's data apart again. Throws `STORE_CORRUPT_RECORD` where it cannot be read. */
  decode(data: string, id: string): Map<string, string>;
}
