import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

test('the example of the README prints what it says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  // Beside the package, whose dependencies it imports; where it keeps its file is another matter.
  const program = fileURLToPath(new URL('../readme.tmp.mjs', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'stet-readme-'));
  onTestFinished(async () => {
    await rm(program, { force: true });
    await rm(folder, { recursive: true });
  });
  await writeFile(program, example.replace('<{ cart: string[] }>', ''));
  expect(execFileSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' })).toBe("[ 'book' ]\n");
});
