import { formatTally } from './tally.ts';

/** Something that holds, or throws an error that says what does not. */
export interface Check {
  readonly title: string;
  readonly body: () => unknown;
}

/** Runs checks one after the other to the last one, ends with their tally and sets the exit code. */
export async function runChecks(checks: readonly Check[]): Promise<void> {
  let failed = 0;
  for (const { title, body } of checks) {
    try {
      await body();
      console.log(`✓ ${title}`);
    } catch (error) {
      failed += 1;
      console.log(`✗ ${title}\n${indent(error instanceof Error ? error.message : String(error))}`);
    }
  }
  console.log(formatTally({ passed: checks.length - failed, failed }));
  if (failed > 0 || checks.length === 0) process.exitCode = 1;
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
