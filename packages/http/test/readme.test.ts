import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const here = import.meta.dirname;
// In the package, so that its imports are found; git ignores it.
const program = join(here, `readme-${process.pid}.tmp.mjs`);
let folder: string;
let site: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stet-readme-'));
});

afterEach(async () => {
  site?.kill('SIGKILL');
  await rm(program, { force: true });
  await rm(folder, { recursive: true });
});

/** Starts the program as the README has it, but on a free port, which it tells. */
async function start(code: string): Promise<string> {
  expect(code).toContain('app.listen(3000);');
  const telling = "const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));";
  await writeFile(program, code.replace('app.listen(3000);', telling));
  site = spawn(process.execPath, [program], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await once(site, 'message');
  return `http://127.0.0.1:${port}/`;
}

it('the first example of the README does what it says, with overlapping requests and across a restart', async () => {
  const readme = await readFile(join(here, '../../../README.md'), 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const url = await start(code);
  const first = await fetch(url);
  expect(await first.text()).toBe('Visit 1');
  const [cookie = ''] = first.headers.getSetCookie();
  const visit = async (at: string) => (await fetch(at, { headers: { cookie: cookie.split(';', 1)[0] ?? '' } })).text();
  await Promise.all(Array.from({ length: 20 }, () => visit(url)));
  site?.kill('SIGKILL');
  expect(await visit(await start(code))).toBe('Visit 22');
});
