import type { SessionRecord, UpdateResult } from '@stet/core';
import { configureSqlite, fromBetterSqlite3 } from '@stet/sql/better-sqlite3';
import {
  created,
  type DatabaseName,
  draftOf,
  hitOf,
  leaseOf,
  newId,
  recordFromBehind,
  startAny,
  storeOn,
  type TestDatabase,
} from '@stet/sql-doors';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SqlStore } from '../src/index.ts';
import { native } from './doors/native.ts';

/** What applications set on their connections, for their own tables. */
interface Settings {
  readonly name: string;
  readonly on: DatabaseName;
  readonly parameters?: string;
  /** Statements that each connection begins with. */
  readonly session?: readonly string[];
}

const settings: readonly Settings[] = [
  { name: 'nothing', on: 'PostgreSQL' },
  { name: 'nothing', on: 'MariaDB' },
  { name: 'nothing', on: 'SQLite' },
  {
    name: 'serializable transactions',
    on: 'PostgreSQL',
    session: ['SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
  },
  {
    name: 'serializable transactions',
    on: 'MariaDB',
    session: ['SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
  },
  { name: 'the character set latin1', on: 'MariaDB', parameters: '?charset=latin1_swedish_ci' },
  { name: 'the character set gbk', on: 'MariaDB', parameters: '?charset=gbk_chinese_ci' },
  { name: 'literals without backslashes', on: 'MariaDB', session: ["SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'"] },
  { name: 'the modes of ANSI', on: 'MariaDB', session: ["SET SESSION sql_mode = 'ANSI,TRADITIONAL'"] },
  { name: 'no mode at all', on: 'MariaDB', session: ["SET SESSION sql_mode = ''"] },
  { name: 'changed rows counted', on: 'MariaDB', parameters: '?flags=-FOUND_ROWS' },
  { name: 'big numbers as strings', on: 'MariaDB', parameters: '?supportBigNumbers=true&bigNumberStrings=true' },
];

const databases = new Map<string, TestDatabase>();
beforeAll(async () => {
  for (const [name, start] of Object.entries(startAny)) databases.set(name, await start());
});
afterAll(async () => {
  for (const { stop } of databases.values()) await stop();
});

async function storeUnder({ on, parameters = '', session = [] }: Settings): Promise<SqlStore> {
  const url = String(databases.get(on)?.url);
  const opened = await native[on].open(url + parameters, { max: 4, begin: session });
  onTestFinished(() => opened.close());
  return storeOn(opened);
}

/** Every character that there is, but for U+0000, in one text. */
const allCharacters = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff) && (code < 0x30000 || code >= 0x10fffe))
  .map((code) => String.fromCodePoint(code))
  .join('');

function updated(result: UpdateResult): SessionRecord {
  return result.status === 'updated' ? result.record : expect.unreachable(result.status);
}

describe.each(settings)('on $on with $name', (each) => {
  test('every record comes back as it was given, to the last character', async () => {
    const store = await storeUnder(each);
    const texts = [
      ...(allCharacters.match(/.{1,200000}/gsu) ?? []),
      '\u{1f600}'.repeat(262_144),
      "\\'\"`\\\\'; DROP TABLE sessions; -- \\",
      '\u00bf\u005c\u0027 OR 1=1 -- ',
    ];
    for (const data of texts) {
      const { id, record } = await created(store, { data });
      expect((await store.load(id))?.data === data).toBe(true);
      const second = updated(await store.update(id, record, draftOf({ data: `${data.slice(2)}.` })));
      expect(await store.load(id)).toEqual(second);
    }
  });

  test('a subject is found by itself, and by nothing that is like it', async () => {
    const store = await storeUnder(each);
    const subjects = [
      'user',
      'User',
      'user ',
      ' user',
      'us\u00e9r',
      'use\u0301r',
      '\u{1f600}',
      '\u{1f601}',
      "u'\\",
      '\u00bf\\',
    ];
    const ids = new Map<string, string>();
    for (const subject of subjects) ids.set(subject, (await created(store, { subject })).id);
    for (const subject of subjects) {
      const found = await store.bySubject(subject);
      expect(found.map(([id, record]) => [id, record.subject])).toEqual([[ids.get(subject), subject]]);
    }
  });

  test('an update that leaves the expiry alone tells the one that a touch has left', async () => {
    const store = await storeUnder(each);
    const { id, record } = await created(store, { subject: 'user' });
    const later = record.expiresAt + 60_000;
    expect(await store.touch(id, later)).toBe(true);
    const second = updated(await store.update(id, record, draftOf({ expiresAt: record.expiresAt })));
    expect(second).toMatchObject({ revision: record.revision + 1, expiresAt: later, createdAt: record.createdAt });
    expect(await store.load(id)).toEqual(second);
  });

  test('a touch that changes nothing is one of a live record all the same', async () => {
    const store = await storeUnder(each);
    const { id, record } = await created(store);
    expect(await store.touch(id, record.expiresAt)).toBe(true);
    expect(await store.touch(id, 1)).toBe(true);
    expect(await store.load(id)).toEqual(record);
    expect(await store.touch(newId(), record.expiresAt)).toBe(false);
  });

  test('overlapping updates of one counter are all counted', async () => {
    const store = await storeUnder(each);
    const { id, record } = await created(store, { data: '0' });
    const increment = async (): Promise<void> => {
      for (let base = record; ; ) {
        const result = await store.update(id, base, { ...base, data: String(Number(base.data) + 1) });
        if (result.status === 'updated') return;
        if (result.status === 'gone') return expect.unreachable();
        base = result.current;
      }
    };
    expect(await Promise.allSettled(Array.from({ length: 20 }, increment))).not.toContainEqual(
      expect.objectContaining({ status: 'rejected' }),
    );
    expect(await store.load(id)).toMatchObject({ data: '20', revision: record.revision + 20 });
  });

  test('what has expired makes way, is swept and is nowhere listed', async () => {
    const store = await storeUnder(each);
    const { id } = await created(store);
    const [reused, swept] = [await created(store, { expiresAt: 1 }), await created(store, { expiresAt: 2 })];
    expect(await store.create(reused.id, draftOf({ data: 'again' }))).toMatchObject({ data: 'again' });
    expect(await store.create(id, draftOf())).toBeNull();
    expect(await store.load(swept.id)).toBeNull();
    const listed = (await Array.fromAsync(store.entries())).map(([each]) => each);
    expect(listed.sort()).toEqual([id, reused.id].sort());
    expect(await store.deleteExpired()).toBe(1);
    expect(await store.delete(id)).toBe(true);
    expect(await store.delete(id)).toBe(false);
  });

  test('an entry is leased to one, filled with any text, and replaced by who has its token', async () => {
    const store = await storeUnder(each);
    const id = newId();
    const lease = await leaseOf(store, id);
    expect(await store.loadOrLease(id)).toEqual({ status: 'busy' });
    const record = recordFromBehind({ data: allCharacters.slice(0, 60_000), subject: "\u{1f600}'\\" });
    const token = await store.replaceIf(id, lease, record);
    expect(await hitOf(store, id)).toMatchObject({ record, token });
    expect(await store.touch(id, record.expiresAt + 1)).toBe(true);
    expect(await store.replaceIf(id, String(token), record)).toBeNull();
    const touched = await hitOf(store, id);
    expect(await store.replaceIf(id, touched.token, { ...record, expiresAt: 1 })).toEqual(expect.any(String));
    expect(await store.replaceIf(id, await leaseOf(store, id), record)).toEqual(expect.any(String));
    expect(await store.load(id)).toEqual(record);
    const cancelled = await leaseOf(store, newId());
    expect(await store.delete(id)).toBe(true);
    expect(await store.replaceIf(id, cancelled, record)).toBeNull();
  });
});

test('on SQLite with integers as BigInt records hold plain numbers', async () => {
  const connection = new Database(new URL(String(databases.get('SQLite')?.url)).pathname);
  onTestFinished(() => void connection.close());
  connection.defaultSafeIntegers(true);
  configureSqlite(connection);
  const store = new SqlStore({ database: fromBetterSqlite3(connection), table: 'big' });
  await store.createTable();
  const { id, record } = await created(store);
  expect(await store.load(id)).toEqual(record);
  expect(updated(await store.update(id, record, record))).toEqual({ ...record, revision: record.revision + 1 });
  const { token } = await hitOf(store, id);
  expect(await store.replaceIf(id, token, record)).toEqual(expect.any(String));
});
