import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { type ServedDatabase, startServed } from './database.ts';
import { created, draftOf, newId, recordFromBehind, storeOn } from './samples.ts';

const attack = "'; DROP TABLE sessions; -- ";
const attacks = [
  attack,
  `\\${attack}`,
  `\\\\${attack}`,
  `" ${attack}`,
  `\u00bf\\${attack}`,
  `\u02bc${attack}`,
  `\uff07${attack}`,
  '$1 $2 $$ ? ?? :id \\?',
  "$tag$ $tag$ E'\\\\x27'",
  '/*! DROP TABLE sessions */',
  "X'00' 0x27 CHAR(39)",
];

describe.each(Object.entries(startServed))('on %s', (name, start) => {
  let database: ServedDatabase;
  let knex: Knex;
  let store: KnexStore;
  beforeAll(async () => {
    database = await start();
    knex = connect(database.proxyUrl, { pool: { min: 1, max: 1 } });
    store = await storeOn(knex);
  });
  afterAll(async () => {
    await knex.destroy();
    await database.stop();
  });

  test('hostile ids and tokens reach no wire', async () => {
    const { record } = await created(store);
    database.proxy.forget();
    for (const id of [...attacks, '', `${newId()}'`, newId().toUpperCase(), `${newId().slice(1)}?`]) {
      const calls = [
        () => store.load(id),
        () => store.create(id, draftOf()),
        () => store.update(id, record, draftOf()),
        () => store.touch(id, 1),
        () => store.delete(id),
        () => store.loadOrLease(id),
        () => store.replaceIf(id, 'token', recordFromBehind()),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(TypeError);
    }
    for (const token of attacks) expect(await store.replaceIf(newId(), token, recordFromBehind())).toBeNull();
    expect(database.proxy.exchanges).toEqual([]);
  });

  test('the text of a statement is the same whatever the session says', async () => {
    const { id: witness } = await created(store);
    const texts = new Set<string>();
    for (const text of attacks) {
      const id = newId();
      database.proxy.forget();
      const record = await store.create(id, draftOf({ data: text, subject: text }));
      if (!record) expect.unreachable();
      const { expiresAt } = record;
      await store.update(id, record, { data: text + text, subject: text, expiresAt: expiresAt + 1 });
      expect((await store.bySubject(text)).map(([found]) => found)).toEqual([id]);
      expect(await store.load(id)).toMatchObject({ data: text + text, subject: text });
      expect(await store.delete(id)).toBe(true);
      texts.add(database.proxy.exchanges.map(({ request }) => statementText(request)).join('\n'));
    }
    expect(Array.from(texts)).toHaveLength(1);
    expect(await store.load(witness)).not.toBeNull();
  });

  /** A statement without its values: those of PostgreSQL follow it, those of MariaDB are digits, hexadecimal digits and NULL. */
  function statementText(request: Buffer): string {
    const text = request.toString('latin1');
    if (name === 'PostgreSQL') return /[A-Z]{6}[^\0]*/.exec(text)?.[0] ?? text;
    return text.slice(5).replace(/X'[0-9a-f]*'|'[0-9a-f]*'|\b\d+\b/g, '?');
  }
});
