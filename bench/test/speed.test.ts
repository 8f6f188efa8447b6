import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../src/speed.ts');

/** The tables as printed, without their heads: rows of cells. How fast anything was is nobody's business here. */
let tables: string[][][];

beforeAll(async () => {
  // Fails where a contender fails, or loses a change.
  const { stdout } = await run(process.execPath, [program, '--rounds', '2', '--slice-ms', '10']);
  tables = stdout
    .trim()
    .split('\n\n')
    .map((table) => table.split('\n').slice(2).map(cellsOf));
});

const cellsOf = (line: string): string[] => line.slice(2, -2).split(' | ');

const peerCell = /^1 = [\d,.]+\/s$/;
const ratioCell = /^\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\)$/;

test.each([
  [0, 2, ['connect-redis (node-redis)', 'stet, RedisStore (node-redis)', 'stet, RedisStore (ioredis)']],
  [1, 2, ['connect-pg-simple', 'connect-session-knex', 'stet, KnexStore']],
  [2, 2, ['session-file-store', "stet, FileStore, 'power-loss'", "stet, FileStore, 'process-crash'"]],
  [3, 2, ["express-session's MemoryStore", 'stet, MemoryStore']],
  [
    4,
    1,
    [
      'express-session, connect-redis',
      'express-session, StetStore over RedisStore',
      '@stet/http, RedisStore',
      'express-session, connect-pg-simple',
      '@stet/http, KnexStore on PostgreSQL',
      '@stet/http, TieredStore, Redis over PostgreSQL',
      '@stet/http, TieredStore, memory over PostgreSQL',
    ],
  ],
])('table %i relates each contender to its peer', (index, leading, names) => {
  const rows = tables[index] ?? [];
  expect(rows.map(([name]) => name)).toEqual(names);
  const [peer = [], ...others] = rows.map((cells) => cells.slice(leading));
  for (const cell of peer) expect(cell).toMatch(peerCell);
  for (const cell of others.flat()) expect(cell).toMatch(ratioCell);
});

test('the round trips of a page that reads, and of one that changes a key', () => {
  expect(tables[5]).toEqual([
    ['express-session, connect-redis', '2: GET, EXPIRE', '2: GET, SET'],
    ['express-session, StetStore over RedisStore', '1: GET', '2: GET, EVALSHA'],
    ['@stet/http, RedisStore', '1: GET', '2: GET, EVALSHA'],
    ['express-session, connect-pg-simple', '2: SELECT, UPDATE', '2: SELECT, INSERT'],
    ['@stet/http, KnexStore on PostgreSQL', '1: SELECT', '2: SELECT, UPDATE'],
    ['@stet/http, TieredStore, Redis over PostgreSQL', '1: EVALSHA', '3: EVALSHA, EVALSHA, UPDATE'],
    ['@stet/http, TieredStore, memory over PostgreSQL', '0', '1: UPDATE'],
  ]);
});
