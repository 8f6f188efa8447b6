/**
 * Aborts when this process is to finish its work and go: the supervisor asks for it, or is no longer there. Ctrl-C
 * reaches every process of a terminal at once, and is left to the supervisor.
 */
export function endOfShift(): AbortSignal {
  const end = new AbortController();
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => end.abort());
  process.on('disconnect', () => end.abort());
  return end.signal;
}
