import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeededBug, SeededResult, SeededRun } from './seeded-bug.ts';

export type { SeededBug };

const runner = fileURLToPath(new URL('runner.ts', import.meta.url));

/** All bugs together take longer than any other part of the tests, so that the short form tries every third one. */
const shortForm = 3;

function sampleOf(bugs: readonly SeededBug[]): readonly SeededBug[] {
  return process.env.STET_LONG_TESTS ? bugs : bugs.filter((_, index) => index % shortForm === 0);
}

/**
 * Registers a test for each bug: the test file that it names has to fail over sources that have it. Without
 * `STET_LONG_TESTS=1` every third bug is tried, and of the others only whether its text still stands in its file. One
 * more run, without a bug, has to pass: of the file that the last bug names, or in the long form of all those files.
 * Called from `test/seeded-bugs.test.ts` of a package.
 */
export function seededBugs(testUrl: string, bugs: readonly SeededBug[]): void {
  const packageFolder = dirname(dirname(fileURLToPath(testUrl)));
  let tests: ChildProcess;

  beforeAll(() => {
    tests = fork(runner, [packageFolder], { cwd: packageFolder, env: { ...process.env, NO_COLOR: '1' } });
  });
  afterAll(async () => {
    tests.disconnect();
    await once(tests, 'exit');
  });

  async function run(seeded: SeededRun): Promise<SeededResult> {
    const ended = once(tests, 'exit').then(([code]) => {
      throw new Error(`The runner of the tests ended with ${code}.`);
    });
    ended.catch(() => {});
    tests.send(seeded);
    const [result] = await Promise.race([once(tests, 'message'), ended]);
    return result;
  }

  it('each bug has its place in the sources', async () => {
    for (const { file, from } of bugs) {
      const source = await readFile(join(packageFolder, 'src', file), 'utf8');
      expect(source.split(from), `“${from}” stands in ${file} once`).toHaveLength(2);
    }
  });

  describe('the tests catch', () => {
    it.each(sampleOf(bugs))('$name', { timeout: 120_000 }, async (bug) => {
      const { passed, errors } = await run({ bug, files: [bug.caughtBy] });
      expect(passed).toBe(false);
      // A failed expectation, not sources that no longer load.
      expect(errors.join('\n')).toMatch(
        /AssertionError|expect\(received\)\.\w+\(\)|Property failed|Test timed out|Rule \S+ \(MUST\) is broken/,
      );
    });
  });

  it('without a bug the tests pass', { timeout: 300_000 }, async () => {
    const catchers = new Set(bugs.slice(process.env.STET_LONG_TESTS ? 0 : -1).map(({ caughtBy }) => caughtBy));
    expect(await run({ files: [...catchers] })).toEqual({ passed: true, errors: [] });
  });
}
