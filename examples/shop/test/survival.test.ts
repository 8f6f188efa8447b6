import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { changeQuantity } from '../src/cart.ts';
import { openSessions } from '../src/sessions.ts';
import { dataDirectory, openShop, patience, type RunningShop } from './running-shop.ts';
import { Visitor } from './visitor.ts';

test('a killed web process is replaced, and the cart and the login are where they were', async () => {
  const shop = await openShop(await dataDirectory(), { WEB_PROCESSES: '1' });
  const visitor = await shopper(shop);
  await visitor.post('/cart/add', { sku: 'notebook' });
  const killed = shop.pid('web');
  process.kill(killed, 'SIGKILL');
  await vi.waitFor(() => expect(shop.pid('web')).not.toBe(killed), patience);
  await vi.waitFor(async () => expect(await visitor.cart()).toEqual({ notebook: 1 }), patience);
  expect(await visitor.isSignedIn()).toBe(true);
});

test('two web processes share the sessions: either can go, and the other has the cart', async () => {
  const shop = await openShop(await dataDirectory());
  const visitor = await shopper(shop);
  await visitor.post('/cart/add', { sku: 'lamp' });
  for (const killed of shop.pids('web')) {
    const before = shop.pids('web').length;
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(async () => expect(await visitor.cart()).toEqual({ lamp: 1 }), patience);
    await vi.waitFor(() => expect(shop.pids('web').length).toBeGreaterThan(before), patience);
  }
  await visitor.post('/cart/add', { sku: 'lamp' });
  expect(await visitor.cart()).toEqual({ lamp: 2 });
});

test('a worker killed in the middle of its walk, again and again: one mail a cart, and nothing lost from a cart', async () => {
  const shop = await openShop(await dataDirectory(), { ABANDONED_AFTER_MS: '0', WALK_EVERY_MS: '20' });
  process.kill(shop.pid('worker'), 'SIGSTOP');
  await leaveCarts(shop.directory, 60);
  const visitors = await Promise.all(Array.from({ length: 6 }, () => shopper(shop)));
  await Promise.all(visitors.map((visitor) => visitor.post('/cart/add', { sku: 'ink' })));
  const shopping = visitors.map((visitor) => keepAdding(visitor));
  process.kill(shop.pid('worker'), 'SIGCONT');

  const total = 60 + visitors.length;
  const mailsAtKill: number[] = [];
  for (let mails = 0; mailsAtKill.length < 3 && mails < total; mails = await mailCount(shop)) {
    const worker = shop.pid('worker');
    await vi.waitFor(async () => expect(await mailCount(shop)).toBeGreaterThan(mails), { ...patience, interval: 1 });
    // Stopped before it is killed, to count what it leaves undone.
    process.kill(worker, 'SIGSTOP');
    mailsAtKill.push(await mailCount(shop));
    process.kill(worker, 'SIGKILL');
    await vi.waitFor(() => expect(shop.pid('worker')).not.toBe(worker), patience);
  }
  expect(mailsAtKill[0]).toBeLessThan(total);
  await vi.waitFor(async () => expect(await mailCount(shop)).toBeGreaterThanOrEqual(total), patience);
  const added = await Promise.all(shopping.map((stop) => stop()));

  // Two newcomers, one after the other: once the second is reminded, a whole walk has passed over everybody.
  for (const newcomers of [1, 2]) {
    await leaveCarts(shop.directory, 1);
    await vi.waitFor(async () => expect(await mailCount(shop)).toBeGreaterThanOrEqual(total + newcomers), patience);
  }
  const carts = (await shop.mails()).map(({ about }) => about);
  expect(new Set(carts).size).toBe(total + 2);
  expect(carts).toHaveLength(total + 2);
  const quantities = await Promise.all(visitors.map(async (visitor) => (await visitor.cart()).ink));
  expect(quantities).toEqual(added.map((count) => count + 1));
});

test('everything goes down at once, and the next start finds every login', async () => {
  const directory = await dataDirectory();
  const before = await openShop(directory);
  const visitor = await shopper(before);
  await visitor.post('/cart/add', { sku: 'red-pen' });
  await before.killSupervisor();
  const orphans = [...before.pids('web'), ...before.pids('worker')];
  await vi.waitFor(() => expect(orphans.filter(isRunning)).toEqual([]), patience);

  const after = new Visitor((await openShop(directory)).url);
  after.cookie = visitor.cookie;
  expect(await after.isSignedIn()).toBe(true);
  expect(await after.cart()).toEqual({ 'red-pen': 1 });
});

test('closing the shop ends all of its processes', async () => {
  const shop = await openShop(await dataDirectory());
  await shop.close();
  expect([...shop.pids('web'), ...shop.pids('worker')].filter(isRunning)).toEqual([]);
  expect(shop.log).not.toContain('starting another');
});

test('where the port is taken, the shop says so and takes the next', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  try {
    const shop = await openShop(await dataDirectory(), { PORT: String(port) });
    expect(shop.log).toContain(`Port ${port} is taken`);
    expect(Number(new URL(shop.url).port)).toBeGreaterThan(port);
    expect(await new Visitor(shop.url).page('/')).toContain('Catalogue');
  } finally {
    other.close();
  }
});

async function shopper(shop: RunningShop): Promise<Visitor> {
  const visitor = new Visitor(shop.url);
  expect((await visitor.signIn('ada', 'let-it-stand')).status).toBe(303);
  return visitor;
}

/** Visitors who filled a cart and went away. */
async function leaveCarts(directory: string, count: number): Promise<void> {
  const sessions = await openSessions(directory);
  for (let left = 0; left < count; left += 1) {
    const session = await sessions.open();
    session.subject = 'ben';
    session.update(
      'cart',
      changeQuantity('stamp', () => 1),
    );
    await session.save();
  }
}

async function mailCount(shop: RunningShop): Promise<number> {
  return (await shop.mails()).length;
}

/** Adds one item after the other until it is stopped; resolves to the number that the shop confirmed. */
function keepAdding(visitor: Visitor): () => Promise<number> {
  let added = 0;
  let isStopped = false;
  const done = (async () => {
    while (!isStopped && added < 90) {
      const { status } = await visitor.post('/cart/add', { sku: 'ink' });
      expect(status).toBe(303);
      added += 1;
    }
  })();
  return async () => {
    isStopped = true;
    await done;
    return added;
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
