import { inspect } from 'node:util';
import { StoreError } from '@stet/core';
import { created, draftOf, newId, storeOn } from '@stet/sql-doors';
import { describe, expect, test } from 'vitest';
import { onEachDatabase, type Place } from './doors/native.ts';

const secret = 'card 4111 - 1111\n\'quoted\' "twice" and `thrice`';
const draft = draftOf({ data: secret, subject: secret });

/** What an administrator may do to a table so that the database refuses a session, and says which. */
const refusals: Readonly<Record<Place['name'], Readonly<Record<string, (table: string) => readonly string[]>>>> = {
  PostgreSQL: {
    'a check that names the row': (table) => [`ALTER TABLE ${table} ADD CHECK (length(data) < 20)`],
    'a trigger that quotes it': (table) => [
      `CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no % of %', NEW.data, NEW.id; END $$ LANGUAGE plpgsql`,
      `CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`,
    ],
    'a column that is too short': (table) => [`ALTER TABLE ${table} ALTER data TYPE varchar(20)`],
    'a column of JSON': (table) => [`ALTER TABLE ${table} ALTER data TYPE json USING data::json`],
  },
  MariaDB: {
    'a check that names the row': (table) => [`ALTER TABLE ${table} ADD CHECK (length(data) < 20)`],
    'a trigger that quotes it': (table) => [
      `CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = NEW.data`,
      `CREATE TRIGGER refuse2 BEFORE UPDATE ON ${table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = NEW.data`,
    ],
    'a column that is too short': (table) => [`ALTER TABLE ${table} MODIFY data varchar(20)`],
  },
  SQLite: {
    'a trigger that quotes it': (table) => [
      `CREATE TRIGGER refuse BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, NEW.data || NEW.id); END`,
      `CREATE TRIGGER refuse2 BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, NEW.data || NEW.id); END`,
    ],
  },
};

/** Nothing of the session is in the error, at any depth, in any property, as text or in hexadecimal digits. */
function expectNothingOf(error: StoreError, secrets: readonly string[]): void {
  expect(error).toBeInstanceOf(StoreError);
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.stack;
  const words = secrets.flatMap((each) => each.split('\n'));
  for (const word of [...words, ...words.map((each) => Buffer.from(each).toString('hex'))]) {
    expect(shown.toLowerCase()).not.toContain(word.toLowerCase());
  }
}

onEachDatabase((place) => {
  describe('no error shows what a session says or which it is', () => {
    test.each(Object.entries(refusals[place.name]))('under %s', async (_, statementsFor) => {
      const table = `t${newId().slice(0, 16)}`;
      const store = await storeOn(place.opened, { table });
      const { id, record } = await created(store);
      for (const statement of statementsFor(table)) await place.admin.raw(statement.replaceAll('?', '\\?'));
      const fresh = newId();
      const calls = [() => store.create(fresh, draft), () => store.update(id, record, draft)];
      for (const call of calls) {
        const error = await call().then(
          () => expect.unreachable('the database has taken it'),
          (thrown: StoreError) => thrown,
        );
        expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: expect.any(Error) });
        expectNothingOf(error, [secret, fresh, id]);
      }
    });

    test('without the table, where the code of the database stays', async () => {
      const store = place.opened.store({ table: 'absent' });
      const { id, record } = await created(await storeOn(place.opened));
      const calls = [
        () => store.create(id, draft),
        () => store.update(id, record, draft),
        () => store.bySubject(secret),
        () => store.load(id),
      ];
      for (const call of calls) {
        const error = await call().then(
          () => expect.unreachable(),
          (thrown: StoreError) => thrown,
        );
        expectNothingOf(error, [secret, id]);
        expect(error.cause).toHaveProperty('code');
      }
    });

    test('where the record cannot be read', async () => {
      const table = 'damaged';
      const store = await storeOn(place.opened, { table });
      const { id, record } = await created(store, draft);
      await place.admin(table).where({ id }).update({ revision: -1 });
      for (const call of [() => store.load(id), () => store.update(id, record, draft)]) {
        const error = await call().then(
          () => expect.unreachable(),
          (thrown: StoreError) => thrown,
        );
        expect(error).toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
        expectNothingOf(error, [secret, id]);
      }
    });
  });
});
