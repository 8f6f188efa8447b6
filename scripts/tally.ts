/** How many tests or checks passed and failed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** The line that a script ends with to say what it counted. */
export function formatTally({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** The last such line in a script's output, or `undefined` where it has none. */
export function parseTally(output: string): Tally | undefined {
  const last = Array.from(output.matchAll(/^(\d+) passed, (\d+) failed$/gm)).at(-1);
  return last && { passed: Number(last[1]), failed: Number(last[2]) };
}
