import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as better from '@stet/sql/better-sqlite3';
import * as node from '@stet/sql/node-sqlite';
import { created, draftOf, newId } from '@stet/sql-doors';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SqlDatabase, SqlStore } from '../src/index.ts';

interface Connection {
  readonly database: SqlDatabase;
  exec(text: string): unknown;
  close(): unknown;
}

/** A connection of each driver that is set up as the documentation says. */
const drivers: Readonly<Record<string, (file: string) => Connection>> = {
  'better-sqlite3'(file) {
    const connection = new Database(file);
    better.configureSqlite(connection);
    return {
      database: better.fromBetterSqlite3(connection),
      exec: (text) => connection.exec(text),
      close: () => connection.close(),
    };
  },
  'node:sqlite'(file) {
    const connection = new DatabaseSync(file);
    node.configureSqlite(connection);
    return {
      database: node.fromNodeSqlite(connection),
      exec: (text) => connection.exec(text),
      close: () => connection.close(),
    };
  },
};

const graceMs = 250 * Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'stet-sqlite-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function storeOf({ database, close }: Connection, settings = {}): Promise<SqlStore> {
  onTestFinished(() => void close());
  const store = new SqlStore({ database, ...settings });
  await store.createTable();
  return store;
}

describe.each(Object.entries(drivers))('%s', (_, connect) => {
  test('a database in memory is for tests: neither durable nor shared', async () => {
    const store = await storeOf(connect(':memory:'));
    const { id, record } = await created(store);
    expect(await store.load(id)).toEqual(record);
    expect(store.capabilities).toMatchObject({ durable: false, shared: false });
  });

  test('a file that is made here is its owner’s alone, with those beside it, and one that was there stays as it is', async () => {
    const path = await folder();
    const file = join(path, 'sessions.db');
    await created(await storeOf(connect(file)));
    for (const name of ['', '-wal', '-shm']) expect((await stat(file + name)).mode & 0o777, name).toBe(0o600);

    const theirs = join(path, 'theirs.db');
    const application = new Database(theirs);
    application.exec('CREATE TABLE orders (id)');
    application.close();
    await writeFile(join(path, 'umask'), '');
    await created(await storeOf(connect(theirs)));
    expect((await stat(theirs)).mode & 0o777).toBe((await stat(join(path, 'umask'))).mode & 0o777);
  });

  test('a session is not rolled back with a transaction of the application, but waits for its end', async () => {
    const connection = connect(join(await folder(), 'sessions.db'));
    const store = await storeOf(connection);
    const { id, record } = await created(store);
    connection.exec('BEGIN');
    const update = store.update(id, record, draftOf({ data: '"kept"' }));
    const loaded = store.load(id);
    connection.exec('ROLLBACK');
    expect(await update).toMatchObject({ status: 'updated' });
    await loaded;
    expect(await store.load(id)).toMatchObject({ data: '"kept"' });
  });

  test('while a transaction of the application lasts, calls end in time, and nothing was changed', async () => {
    const connection = connect(join(await folder(), 'sessions.db'));
    const { id, record } = await created(await storeOf(connection));
    const hasty = new SqlStore({ database: connection.database, timeoutMs: 200 });
    await hasty.load(id);
    connection.exec('BEGIN');
    const late = { code: 'STORE_UNAVAILABLE', retryable: true, cause: expect.any(Error) };
    await expect(hasty.update(id, record, draftOf())).rejects.toMatchObject(late);
    await expect(hasty.load(id)).rejects.toMatchObject(late);
    connection.exec('COMMIT');
    expect(await hasty.load(id)).toEqual(record);
  });

  test('more calls than there is time for end in time, and those that were late have changed nothing', async () => {
    const connection = connect(join(await folder(), 'sessions.db'));
    await storeOf(connection);
    const timeoutMs = 50;
    const hasty = new SqlStore({ database: connection.database, timeoutMs });
    const { id } = await created(hasty);
    const data = 'x'.repeat(200_000);
    const calls = Array.from({ length: 600 }, async () => {
      const startedAt = performance.now();
      const each = newId();
      const isMade = await hasty.create(each, draftOf({ data })).then(
        () => true,
        () => false,
      );
      return { id: each, isMade, ms: performance.now() - startedAt };
    });
    const endings = await Promise.all(calls);
    expect(Math.max(...endings.map(({ ms }) => ms))).toBeLessThan(timeoutMs + graceMs);
    const made = endings.filter(({ isMade }) => isMade).map((each) => each.id);
    expect(made.length).toBeLessThan(calls.length);
    const kept: string[] = [];
    for await (const [each] of new SqlStore({ database: connection.database }).entries()) kept.push(each);
    expect(kept.sort()).toEqual([id, ...made].sort());
  });
});
