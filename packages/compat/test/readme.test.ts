import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Visitor } from '@stet/visitors';
import { expect, onTestFinished, test } from 'vitest';

const here = import.meta.dirname;

/** The README's programs for one library, in order. */
async function examples(): Promise<string[]> {
  const readme = await readFile(join(here, '../README.md'), 'utf8');
  return Array.from(readme.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code ?? '');
}

/** Runs a program of the README in a folder of its own. */
async function run(name: string, code: string, folder: string): Promise<ChildProcess> {
  // In the package, so that its imports are found; git ignores it.
  const program = join(here, `readme-${name}-${process.pid}.tmp.mjs`);
  await writeFile(program, code);
  const child = spawn(process.execPath, [program], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(program, { force: true });
  });
  return child;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stet-readme-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('the example for express-session keeps a cart, also when requests overlap, until the logout', async () => {
  const [code = ''] = await examples();
  expect(code).toContain('app.listen(3000);');
  const telling = "const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));";
  const site = await run('site', code.replace('app.listen(3000);', telling), await temporaryFolder());
  const [port] = await once(site, 'message');
  const visitor = new Visitor(`http://127.0.0.1:${port}`);
  expect(await visitor.json('/cart/book')).toEqual(['book']);
  const items = Array.from({ length: 20 }, (_, n) => `item${n}`);
  await Promise.all(items.map((item) => visitor.twin().get(`/cart/${item}`)));
  expect(new Set((await visitor.json('/cart/book')) as string[])).toEqual(new Set(['book', ...items]));
  await fetch(`http://127.0.0.1:${port}/logout`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: visitor.cookie ?? '' },
  });
  expect(await visitor.json('/cart/pen')).toEqual(['pen']);
});

test('the example of a job finds what express-session stored, and changes it', async () => {
  const [, code = ''] = await examples();
  const store = 'const store = new MemoryStore();';
  expect(code).toContain(store);
  const begun = `${store}
    const { StetStore } = await import('@stet/compat/express-session');
    const site = new StetStore({ store });
    await new Promise((done) => site.set('one', { cookie: {}, cart: ['book'] }, done));
    process.on('beforeExit', () => site.get('one', (_, session) => {
      process.send(session);
      process.removeAllListeners('beforeExit');
      process.disconnect();
    }));`;
  const job = await run('job', code.replace(store, begun), await temporaryFolder());
  const [session] = await once(job, 'message');
  expect(session).toMatchObject({ cart: ['book'], reminded: true });
});
