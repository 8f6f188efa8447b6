/** What `AbstractStore` asks of a store. */
export interface AbstractStoreOptions {
  /** Acknowledged records outlive a restart and are never evicted to make room. */
  readonly durable: boolean;
  /** Other processes with a store of the same settings see the same records. */
  readonly shared: boolean;
  /** The most UTF-8 bytes that `data` may have. */
  readonly maxDataBytes: number;
  /** How late a record may end after `expiresAt`, in milliseconds. Default 1. */
  readonly expiryGranularityMs?: number | undefined;
  /** How long a call may take, in milliseconds; of a listing or a sweep, each step. Without it no call is timed. */
  readonly timeoutMs?: number | undefined;
  /** The clock, in Unix milliseconds; a fraction is cut off. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

export interface StoreSettings extends AbstractStoreOptions {
  readonly expiryGranularityMs: number;
  readonly now: () => number;
}

/** Fills in the defaults. Throws a `TypeError` that names the option for a value that cannot work. */
export function settingsOf({
  durable,
  shared,
  maxDataBytes,
  expiryGranularityMs = 1,
  timeoutMs,
  now = Date.now,
}: AbstractStoreOptions): StoreSettings {
  for (const [name, value] of Object.entries({ durable, shared })) {
    if (typeof value !== 'boolean') throw new TypeError(`${name} is true or false.`);
  }
  assertWholeNumbers({ maxDataBytes, expiryGranularityMs, ...(timeoutMs !== undefined && { timeoutMs }) });
  if (typeof now !== 'function') throw new TypeError('now is a function that gives Unix milliseconds.');
  return { durable, shared, maxDataBytes, expiryGranularityMs, timeoutMs, now };
}

/** Throws a `TypeError` that names the first option which is not a whole number above 0. For the options of a store. */
export function assertWholeNumbers(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new TypeError(
        `${name} is a whole number above 0, not ${typeof value === 'number' ? value : typeof value}.`,
      );
    }
  }
}
