import { inspect } from 'node:util';
import type { StoreError } from '@stet/core';
import { expect, onTestFinished, test } from 'vitest';
import { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { startAny } from './database.ts';
import { created, draftOf, newId, storeOn } from './samples.ts';

const secret = 'card 4111 - 1111';
const hidden = Buffer.from(secret).toString('hex');

test.each(Object.entries(startAny))('%s: no error shows what a session says', async (_, start) => {
  const { url, stop } = await start();
  const knex = connect(url);
  onTestFinished(async () => {
    await knex.destroy();
    await stop();
  });
  const { id, record } = await created(await storeOn(knex));
  const store = new KnexStore({ knex, table: 'absent' });
  const draft = draftOf({ data: secret, subject: secret });
  const calls = [
    () => store.create(newId(), draft),
    () => store.update(id, record, draft),
    () => store.bySubject(secret),
  ];
  for (const call of calls) {
    const error: StoreError = await call().then(
      () => expect.unreachable(),
      (thrown) => thrown,
    );
    expect(error.cause).toBeInstanceOf(Error);
    const shown = inspect(error, { depth: 10, showHidden: true });
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(hidden);
    expect(shown).toMatch(/absent/);
  }
});
