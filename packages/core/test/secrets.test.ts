import { randomBytes } from 'node:crypto';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { EncryptedCodec, JsonCodec, MemoryStore, Sessions } from '@stet/core';
import { expect, it, onTestFinished } from 'vitest';

const canary = 'canary-4111-1111';

/** All that can be seen of an error: what would be logged, and every property at any depth. */
const shown = (error: unknown) => inspect(error, { depth: 20, showHidden: true, getters: true });

const damaged = [
  `{"card":"${canary}"`,
  `{"card":${canary}}`,
  `"${canary}"`,
  canary,
  `e1.k.${canary}`,
  `@stet/${canary}`,
  `@life/${canary}`,
  `@life/9999999/9999999/?/{"card":"${canary}`,
];

it.each(damaged)('no error about damaged data shows it: %s', async (data) => {
  for (const codec of [new JsonCodec(), new EncryptedCodec({ keys: [{ id: 'k', secret: randomBytes(32) }] })]) {
    const store = new MemoryStore();
    const sessions = new Sessions({ store, codec });
    const session = await sessions.open();
    session.data.n = 1;
    await session.save();
    const record = await store.load(session.id);
    if (!record) return expect.fail('it is stored');
    await store.update(session.id, record, { ...record, data });
    const reported: unknown[] = [];
    const listener = (message: unknown) => reported.push(message);
    subscribe('stet:corrupt-record', listener);
    onTestFinished(() => void unsubscribe('stet:corrupt-record', listener));
    expect(await Array.fromAsync(sessions.entries())).toEqual([]);
    const failure = await sessions.open(session.token).then(
      (opened) => {
        try {
          return opened.data;
        } catch (error) {
          return error;
        }
      },
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'STORE_CORRUPT_RECORD', status: 500 });
    for (const seen of [failure, ...reported]) expect(shown(seen)).not.toContain('4111');
    expect(data.startsWith('@stet/') ? [] : reported).toHaveLength(data.startsWith('@stet/') ? 0 : 1);
  }
});

it('no error about values that cannot be kept shows them', async () => {
  const session = await new Sessions({ store: new MemoryStore() }).open();
  const values = [
    { [canary.slice(0, 6)]: 1, n: 1n, card: canary },
    { card: canary, toJSON: () => 1n },
    {
      toJSON() {
        throw new Error(canary);
      },
    },
    Object.assign([canary], { 0: Symbol(canary) }),
    new (class {
      readonly card = canary;
    })(),
  ];
  for (const value of values) {
    session.data.odd = value;
    const failure = await session.save().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(shown(failure)).not.toContain('4111');
  }
  expect(channel('stet:corrupt-record').hasSubscribers).toBe(false);
});
