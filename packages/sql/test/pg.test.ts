import { created, draftOf, startAny, storeOn } from '@stet/sql-doors';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { fromPg, type PgPool } from '../src/doors/pg.ts';
import { door } from './doors/pg.ts';

async function opened() {
  const { url, stop } = await startAny.PostgreSQL();
  const one = await door.open(url, { max: 1 });
  onTestFinished(async () => {
    await one.close();
    await stop();
  });
  return one;
}

test('the store goes on over a connection on which the application has discarded what was prepared', async () => {
  const one = await opened();
  const store = await storeOn(one);
  const { id, record } = await created(store);
  for (const statement of ['DISCARD ALL', 'DEALLOCATE ALL']) {
    await store.load(id);
    await one.query(statement);
    expect(await store.load(id).catch((error: unknown) => error)).toEqual(record);
  }
  expect(await store.update(id, record, draftOf())).toMatchObject({ status: 'updated' });
  expect(await store.touch(id, Date.now() + 9_000_000)).toBe(true);
});

test('each statement is prepared once for each connection, and a second store of the table shares them', async () => {
  const one = await opened();
  const { id } = await created(await storeOn(one, { table: 'shared' }));
  for (let time = 0; time < 3; time += 1) await one.store({ table: 'shared' }).load(id);
  const names = (await one.query("SELECT name FROM pg_prepared_statements WHERE name LIKE 'stet SELECT%'")).map(String);
  expect(names).toHaveLength(2);
});

test('a single client is refused: its transactions would be those of the sessions', () => {
  expect(() => fromPg(new pg.Client() as unknown as PgPool)).toThrow(/Pool/);
});
