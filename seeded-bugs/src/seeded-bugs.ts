import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { SeededBug, SeededRun } from './seeded-bug.ts';

export type { SeededBug };

const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/**
 * Registers a test for each bug: the test file that it names has to fail over sources that have it. And one more, afterwards:
 * without a bug the file that the last one names passes, so that it is the bug that makes it fail. (With `STET_LONG_TESTS=1`
 * all those files; they pass by themselves in the same run of everything.) Called from `test/seeded-bugs.test.ts` of a package.
 */
export function seededBugs(testUrl: string, bugs: readonly SeededBug[]): void {
  const packageFolder = dirname(dirname(fileURLToPath(testUrl)));

  describe('the tests catch', () => {
    it.each(bugs)('$name', async (bug) => {
      const source = await readFile(join(packageFolder, 'src', bug.file), 'utf8');
      expect(source.split(bug.from), `“${bug.from}” stands in ${bug.file} once`).toHaveLength(2);
      const { passed, output } = await runTests({ packageFolder, bug }, [bug.caughtBy]);
      expect(passed, output).toBe(false);
      // A failed expectation, not sources that no longer load.
      expect(output).toMatch(
        /AssertionError|expect\(received\)\.\w+\(\)|Property failed|Test timed out|Rule \S+ \(MUST\) is broken/,
      );
    });
  });

  it('without a bug the tests pass', async () => {
    const catchers = new Set(bugs.slice(process.env.STET_LONG_TESTS ? 0 : -1).map(({ caughtBy }) => caughtBy));
    const { passed, output } = await runTests({ packageFolder }, [...catchers]);
    expect(passed, output).toBe(true);
  }, 300_000);
}

function runTests(run: SeededRun, files: readonly string[]): Promise<{ passed: boolean; output: string }> {
  const filters = files.map((file) => `/${file}.test.ts`);
  const env = { ...process.env, STET_SEEDED_BUG: JSON.stringify(run), NO_COLOR: '1' };
  return new Promise((resolve) => {
    const args = [vitest, 'run', ...filters, '--config', config];
    execFile(process.execPath, args, { cwd: run.packageFolder, env }, (error, stdout, stderr) => {
      resolve({ passed: error === null, output: stdout + stderr });
    });
  });
}
