/** How many visitors are served at any moment. */
export const atOnce = 16;

/**
 * Lets every lane do its work again and again for a while, each for itself, and counts: times per second, of all lanes
 * together.
 */
export async function ratePerSecond(sliceMs: number, lanes: ReadonlyArray<() => Promise<void>>): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  await Promise.all(
    lanes.map(async (work) => {
      do {
        await work();
        done += 1;
      } while (performance.now() - startedAt < sliceMs);
    }),
  );
  return (done * 1_000) / (performance.now() - startedAt);
}
