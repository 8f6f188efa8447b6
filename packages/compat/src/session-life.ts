/** How long a session lives where the library tells of no end, in milliseconds. */
export const defaultTtlMs = 86_400_000;

/** Throws a `TypeError` unless a session can live that long. */
export function assertTtl(ttlMs: number): void {
  if (!Number.isSafeInteger(ttlMs) || ttlMs <= 0)
    throw new TypeError('ttlMs is a whole number of milliseconds above 0.');
}
