import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bugs } from './seeded-bugs/bugs.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const config = fileURLToPath(new URL('seeded-bugs/vitest.config.ts', import.meta.url));
const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));

function runTests(bug: string, filter: string): Promise<{ passed: boolean; output: string }> {
  const env = { ...process.env, STET_SEEDED_BUG: bug, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [vitest, 'run', filter, '--config', config],
      { cwd: packageFolder, env },
      (error, stdout, stderr) => {
        resolve({ passed: error === null, output: stdout + stderr });
      },
    );
  });
}

it('without a bug the tests pass', async () => {
  const { passed, output } = await runTests('none', '');
  expect(passed, output).toBe(true);
});

describe('the tests catch', () => {
  it.each(bugs)('$name', async ({ name, caughtBy, file, from }) => {
    const source = await readFile(new URL(`../src/${file}`, import.meta.url), 'utf8');
    expect(source.split(from), `“${from}” stands in ${file} once`).toHaveLength(2);
    const { passed, output } = await runTests(name, `/${caughtBy}.test.ts`);
    expect(passed, output).toBe(false);
    expect(output).toMatch(/AssertionError|Property failed/);
  });
});
