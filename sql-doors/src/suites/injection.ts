import type { SqlStore } from '@stet/sql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { created, draftOf, newId, recordFromBehind, storeOn } from '../calls/samples.ts';
import { type ServedDatabase, startServed } from '../databases/database.ts';
import { type Door, type Opened, servedBy } from '../door.ts';

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

/** Registers that what a session says reaches no statement of a door. */
export function injectionSuite(door: Door): void {
  describe.each(servedBy(door))(`${door.name} on %s`, (name) => {
    let database: ServedDatabase;
    let opened: Opened;
    let store: SqlStore;
    beforeAll(async () => {
      database = await startServed[name]();
      opened = await door.open(database.proxyUrl, { max: 1 });
      store = await storeOn(opened);
    });
    afterAll(async () => {
      await opened.close();
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
      // The first round may have to prepare its statements.
      for (const [round, text] of ['harmless', ...attacks].entries()) {
        const id = newId();
        database.proxy.forget();
        const record = await store.create(id, draftOf({ data: text, subject: text }));
        if (!record) expect.unreachable();
        const { expiresAt } = record;
        await store.update(id, record, { data: text + text, subject: text, expiresAt: expiresAt + 1 });
        expect((await store.bySubject(text)).map(([found]) => found)).toEqual([id]);
        expect(await store.load(id)).toMatchObject({ data: text + text, subject: text });
        expect(await store.delete(id)).toBe(true);
        if (round > 0) texts.add(database.proxy.exchanges.map(({ request }) => statementText(request)).join('\n'));
      }
      expect(Array.from(texts)).toHaveLength(1);
      expect(await store.load(witness)).not.toBeNull();
    });

    /**
     * A statement without its values: those of PostgreSQL follow it, those of MariaDB are digits, hexadecimal digits
     * and NULL.
     */
    function statementText(request: Buffer): string {
      const text = request.toString('latin1');
      if (name === 'PostgreSQL') return /[A-Z]{6}[^\0]*/.exec(text)?.[0] ?? text;
      return text.slice(5).replace(/X'[0-9a-f]*'|'[0-9a-f]*'|\b\d+\b/g, '?');
    }
  });
}
