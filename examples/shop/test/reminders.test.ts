import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changeQuantity } from '../src/cart.ts';
import { abandonedCart, remindAll } from '../src/reminders.ts';
import { openSessions, type ShopSession } from '../src/sessions.ts';
import { dataDirectory } from './running-shop.ts';

/** A site and a worker over one directory, each with a store of its own, as their processes have it. */
async function shopFloor() {
  const directory = await dataDirectory();
  const site = await openSessions(directory);
  const outbox = join(directory, 'outbox.jsonl');
  const rounds = { sessions: await openSessions(directory), outbox, abandonedAfterMs: 0 };
  return {
    site,
    rounds,
    walk: () => remindAll(rounds),
    mails: async () => (await readFile(outbox, 'utf8').catch(() => '')).split('\n').filter(Boolean).length,
    async visit(subject?: string): Promise<ShopSession> {
      const session = await site.open();
      if (subject) session.subject = subject;
      session.update(
        'cart',
        changeQuantity('ink', () => 1),
      );
      await session.save();
      return session;
    },
  };
}

test('an abandoned cart is flagged once and its owner mailed once', async () => {
  const { walk, mails, visit, site } = await shopFloor();
  const { token } = await visit('ada');
  await visit();
  expect([await walk(), await walk(), await mails()]).toEqual([2, 0, 1]);
  const { data } = await site.open(token);
  expect(data.reminder).toMatchObject({ cart: data.cart?.id, mail: 'sent' });
  expect(abandonedCart(data)).toEqual(data.cart);
});

test('a cart that changed, or was emptied, is no longer one to remind of; a new one is', async () => {
  const { walk, mails, visit } = await shopFloor();
  const session = await visit('ada');
  await walk();
  await session.load();
  session.update(
    'cart',
    changeQuantity('ink', () => 0),
  );
  await session.save();
  expect(abandonedCart(session.data)).toBeUndefined();
  expect(await walk()).toBe(0);
  session.update(
    'cart',
    changeQuantity('lamp', () => 1),
  );
  await session.save();
  expect([await walk(), await mails()]).toEqual([1, 2]);
});

test('a request that began before the flag and saves after it does not wipe it', async () => {
  const { walk, mails, visit, site } = await shopFloor();
  const { token } = await visit('ada');
  const slow = await site.open(token);
  await walk();
  slow.update(
    'cart',
    changeQuantity('lamp', () => 1),
  );
  await slow.save();
  expect([await walk(), await mails()]).toEqual([0, 1]);
  const { data } = await site.open(token);
  expect(data.cart?.quantities).toEqual({ ink: 1, lamp: 1 });
});

test.each([
  ['before it could send the mail', false],
  ['after it sent the mail, before it could note so', true],
])('a worker that was killed %s is made up for', async (_, isSent) => {
  const { walk, mails, visit, site, rounds } = await shopFloor();
  const session = await visit('ada');
  const cart = session.data.cart?.id ?? '';
  session.data.reminder = { cart, at: Date.now(), mail: 'due' };
  await session.save();
  if (isSent) await appendFile(rounds.outbox, `${JSON.stringify({ about: cart, to: 'ada@shop.example', text: '' })}\n`);
  await walk();
  expect(await mails()).toBe(1);
  expect((await site.open(session.token)).data.reminder?.mail).toBe('sent');
  await walk();
  expect(await mails()).toBe(1);
});

test('a session that ends during the walk stops nobody else from being reminded', async () => {
  const { rounds, mails, visit, walk } = await shopFloor();
  const [gone] = await Promise.all([visit('ada'), visit('ben'), visit('cleo')]);
  const { sessions } = rounds;
  const transact = sessions.transact.bind(sessions);
  sessions.transact = async (id, job) => {
    if (id === gone.id) await gone.destroy();
    return transact(id, job);
  };
  expect([await walk(), await mails()]).toEqual([2, 2]);
});
