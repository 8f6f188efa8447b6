/** A session's data: what an application keeps, by top-level key. */
export type SessionValues = Record<string, unknown>;

/**
 * Turns a session's data into what a store keeps, and back, in two steps: values become a text (`encode`), and that
 * text becomes the data of one record (`seal`). Texts are what is compared to find out whether a session has changed,
 * so a codec that encrypts or compresses does it in `seal`, which is called only where something is written.
 */
export interface Codec {
  /**
   * The text of a session's data. It has to be the same for the same values every time. Throws a `TypeError` that names
   * the value where one cannot be kept.
   */
  encode(values: SessionValues): string;
  /**
   * The values of a text that `encode` gave: a new object each time. Throws `STORE_CORRUPT_RECORD` where there are none
   * in it.
   */
  decode(text: string): SessionValues;
  /**
   * Throws a `TypeError` that names the first value of which `encode` loses something without an error. Asked only
   * about data that is about to be written.
   */
  assertLossless(values: SessionValues): void;
  /** What the store keeps of a text under this id. Never begins with `@`: such data is the engine's own. */
  seal(text: string, id: string): string;
  /**
   * The text that was sealed. Throws `STORE_CORRUPT_RECORD` where it cannot be read, or was sealed under another id.
   */
  open(data: string, id: string): string;
}
