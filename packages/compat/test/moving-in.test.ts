import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncryptedCodec, type IterableStore, idOf, JsonCodec, MemoryStore, type SessionValues } from '@stet/core';
import { Gate, interceptedStore, Meeting } from '@stet/visitors';
import { expect, onTestFinished, test } from 'vitest';
import { type LegacySessions, moveIn, sessionFileStore } from '../src/from.ts';
import { KeptSessions } from '../src/kept/kept-sessions.ts';

const hourMs = 3_600_000;
const endOf = () => Date.now() + hourMs;

type Step = 'load' | 'delete';

/** A folder with the session `one`, as session-file-store leaves it, and what is done there. */
async function leftBehind(before: (step: Step, sid: string) => unknown = () => {}) {
  const home = await mkdtemp(join(tmpdir(), 'stet-moving-in-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const path = join(home, 'sessions');
  await mkdir(path);
  const leave = (sid: string, session: SessionValues) =>
    writeFile(join(path, `${sid}.json`), JSON.stringify({ ...session, __lastAccess: Date.now() }));
  await leave('one', { user: 'Ada' });
  const files = sessionFileStore({ path });
  const steps: Step[] = [];
  const at = async (step: Step, sid: string) => {
    steps.push(step);
    await before(step, sid);
  };
  const from: LegacySessions = {
    async load(sid) {
      await at('load', sid);
      return files.load(sid);
    },
    async delete(sid) {
      await at('delete', sid);
      return files.delete(sid);
    },
    entries: () => files.entries(),
  };
  return { path, leave, from, steps, names: () => readdir(path) };
}

test('a session that has moved costs nothing more where it was, and a new one is looked for there once', async () => {
  const { from, steps } = await leftBehind();
  const kept = new KeptSessions({ store: new MemoryStore(), from });
  await kept.load('one');
  steps.length = 0;
  const session = (await kept.load('one'))?.session as SessionValues;
  session.cart = 1;
  await kept.save('one', session, endOf);
  await kept.touch('one', {}, endOf, session);
  expect(steps).toEqual([]);
  await kept.save('two', { user: 'Bob' }, endOf);
  expect(steps).toEqual(['load']);
});

test('a session is created only where none was left under its sid', async () => {
  const { from } = await leftBehind();
  const kept = new KeptSessions({ store: new MemoryStore(), from });
  await kept.save('one', { cart: 1 }, endOf);
  expect((await kept.load('one'))?.session).toEqual({ user: 'Ada', cart: 1 });
});

test('requests that meet over a session that moves keep what each of them changed', async () => {
  const meeting = new Meeting(8);
  const { from, names } = await leftBehind((step) => step === 'load' && meeting.join());
  const to = new MemoryStore();
  // Half of them in another process.
  const sites = [new KeptSessions({ store: to, from }), new KeptSessions({ store: to, from })] as const;
  await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const site = sites[n % 2] as KeptSessions;
      const session = (await site.load('one'))?.session ?? {};
      session[`key${n}`] = n;
      await site.save('one', session, endOf);
    }),
  );
  const all = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`key${n}`, n]));
  expect((await sites[0].load('one'))?.session).toEqual({ user: 'Ada', ...all });
  expect(await names()).toEqual([]);
});

test('a logout stands, also while its session is moving', async () => {
  const { from, names } = await leftBehind();
  const gate = new Gate();
  const to = new MemoryStore();
  const arrive = to.replaceIf.bind(to);
  // The mover has read the session, and is about to put it where it goes.
  to.replaceIf = async (...args) => {
    await gate.pass();
    return arrive(...args);
  };
  const mover = new KeptSessions({ store: to, from });
  const moving = mover.load('one');
  await gate.reached;
  expect(await new KeptSessions({ store: to, from }).destroy('one')).toBe(true);
  gate.open();
  expect(await moving).toBeNull();
  expect(await mover.load('one')).toBeNull();
  expect([await names(), await Array.fromAsync(to.entries())]).toEqual([[], []]);
});

test('an outage of where it was is an error, and the session is there after it', async () => {
  const { path, from } = await leftBehind();
  const kept = new KeptSessions({ store: new MemoryStore(), from });
  await rename(path, `${path}-away`);
  await expect(kept.load('one')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: expect.any(Error) });
  await expect(kept.destroy('one')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(Array.fromAsync(kept.ids())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await rename(`${path}-away`, path);
  expect((await kept.load('one'))?.session).toEqual({ user: 'Ada' });
});

test('all sessions end at once, those that have not moved too; one that cannot be kept stays, and hides no other', async () => {
  const { from, leave, names } = await leftBehind();
  await leave('odd', { odd: true });
  const codec = new (class extends JsonCodec {
    override encode(values: SessionValues): string {
      if ('odd' in values) throw new TypeError('The odd one cannot be kept.');
      return super.encode(values);
    }
  })();
  const kept = new KeptSessions({ store: new MemoryStore(), from, codec });
  await expect(Array.fromAsync(kept.ids())).resolves.toEqual([idOf('one')]);
  await leave('two', {});
  await kept.clear();
  expect([await names(), await Array.fromAsync(kept.ids())]).toEqual([['odd.json'], []]);
  const cause = expect.objectContaining({ name: 'TypeError' });
  await expect(kept.load('odd')).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD', cause });
});

test('a session arrives as revision 1, with the end that it had, in the words of the codec', async () => {
  const { from } = await leftBehind();
  const to = new MemoryStore();
  const left = await from.load('one');
  const codec = new EncryptedCodec({ keys: [{ id: 'k1', secret: randomBytes(32) }] });
  expect(await Array.fromAsync(moveIn({ from, to, codec }))).toEqual(['one']);
  const id = idOf('one');
  const arrived = await to.load(id);
  expect(arrived).toMatchObject({ revision: 1, expiresAt: left?.expiresAt, data: expect.not.stringContaining('Ada') });
  expect(codec.open(arrived?.data ?? '', id)).toBe('{"user":"Ada"}');
});

test('a store that cannot be moved to is refused', async () => {
  const { from } = await leftBehind();
  const memory: IterableStore = new MemoryStore();
  const capabilities = { ...memory.capabilities, leasable: false };
  const store = { ...interceptedStore(memory, () => {}), capabilities };
  expect(() => new KeptSessions({ store, from })).toThrow(/leasable/);
});
