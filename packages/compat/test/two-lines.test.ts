import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isSessionId } from '@stet/core';
import { freePort } from '@stet/services';
import { createClient } from 'redis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { redisServer } from './support/stores.ts';
import { applied, shown } from './two-lines/document.ts';
import { Shopper } from './two-lines/shopper.ts';

const shop = new URL('./two-lines/shop.ts', import.meta.url);
const redisInDocument = 'redis://127.0.0.1:6379';

/** A program in the package, so that its imports are found; git ignores it. */
async function program(name: string, code: string): Promise<URL> {
  const file = new URL(`./two-lines/${name}-${process.pid}.tmp.mts`, import.meta.url);
  await writeFile(file, code);
  onTestFinished(() => rm(file));
  return file;
}

async function started(file: URL, ...args: string[]): Promise<ChildProcess> {
  const child = fork(fileURLToPath(file), args);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

/** Resolves once each shopper has so much from that store, or has met with a surprise. */
const atLeast = (count: number, store: string, shoppers: readonly Shopper[]) =>
  vi.waitUntil(() => shoppers.every((shopper) => shopper.keptBy(store) >= count || shopper.surprises.length > 0), {
    timeout: 30_000,
  });

test('an application changes two lines under load: nobody is logged out, and nothing is lost', async () => {
  const { url } = await redisServer();
  const port = String(await freePort());
  const before = await started(shop, url, port);

  const shoppers = Array.from({ length: 12 }, (_, n) => new Shopper(`http://127.0.0.1:${port}`, `user-${n}`));
  await Promise.all(shoppers.map((shopper) => shopper.get(`/login/${shopper.user}`)));
  const cookies = shoppers.map(({ cookie }) => cookie);
  const [gone, leaver, ...others] = shoppers as [Shopper, Shopper, ...Shopper[]];
  const [idle, busy] = [others.slice(0, 3), others.slice(3)];
  await Promise.all(idle.map((shopper) => shopper.get('/add/book')));
  await gone.get('/logout');

  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const tabs = busy.map((shopper) => shopper.shop('one', closing.signal));
  await atLeast(20, 'RedisStore', busy);
  before.kill('SIGTERM');
  await once(before, 'exit');
  const migrated = applied(await shown('diff'), await readFile(shop, 'utf8'));
  await started(await program('shop', migrated), url, port);
  // From now on tabs may overlap, too.
  tabs.push(...busy.map((shopper) => shopper.shop('two', closing.signal)));
  await atLeast(20, 'StetStore', busy);

  const mover = await program('move', (await shown('js')).replace(redisInDocument, url));
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(mover)]);
  await leaver.get('/logout');
  closing.abort();
  await Promise.all(tabs);

  expect(busy.flatMap(({ surprises }) => surprises)).toEqual([]);
  expect(stdout).toBe(`${idle.length + 1} sessions moved\n`);
  for (const shopper of [...idle, ...busy]) {
    const session = JSON.parse(await shopper.get('/show'));
    expect(session).toMatchObject({ user: shopper.user, ...(idle.includes(shopper) && { book: true }) });
    expect(Array.from(shopper.kept.keys()).filter((item) => !session[item])).toEqual([]);
  }
  for (const shopper of [gone, leaver]) expect(JSON.parse(await shopper.get('/show'))).not.toHaveProperty('user');
  expect(busy.concat(idle).map(({ cookie }) => cookie)).toEqual(cookies.slice(5).concat(cookies.slice(2, 5)));
  const client = await createClient({ url }).connect();
  onTestFinished(() => client.destroy());
  const keys = (await client.keys('*')).map((key) => key.slice('sess:'.length));
  expect(keys.filter((key) => !isSessionId(key))).toEqual([]);
});
