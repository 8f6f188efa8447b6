/** Calls `sweep` about every `intervalMs` milliseconds, never twice at once, until the returned function is called. */
export function sweepEvery(intervalMs: number, sweep: (signal: AbortSignal) => Promise<unknown>): () => void {
  if (!Number.isSafeInteger(intervalMs) || intervalMs < 1 || intervalMs > mostMs)
    throw new TypeError(`The interval of sweeps is 1 to ${mostMs} milliseconds, a whole number.`);
  const stopped = new AbortController();
  let timer: NodeJS.Timeout;

  function wait(): void {
    timer = setTimeout(run, intervalMs * (0.8 + Math.random() * 0.4));
    timer.unref();
  }

  async function run(): Promise<void> {
    await sweep(stopped.signal).catch((error: unknown) => process.emitWarning(error as Error));
    if (!stopped.signal.aborted) wait();
  }

  wait();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}

/** A day: timers of more than 24.8 of them would run out at once. */
const mostMs = 86_400_000;
