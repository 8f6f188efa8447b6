import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Sessions } from '@stet/core';
import { expect, onTestFinished, test } from 'vitest';
import { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { startAny } from './database.ts';

const shopper = fileURLToPath(new URL('shopper.ts', import.meta.url));
const table = `shop${process.pid}`;

test.each(Object.entries(startAny))(
  '%s: 50 overlapping requests in 4 processes each set a key and count: 50 keys and a count of 50 are kept',
  async (_, start) => {
    const { url, stop } = await start();
    const knex = connect(url);
    onTestFinished(async () => {
      await knex.schema.dropTableIfExists(table);
      await knex.destroy();
      await stop();
    });
    const store = new KnexStore({ knex, table });
    await store.createTable();
    const sessions = new Sessions<Record<string, unknown>>({ store });
    const session = await sessions.open(undefined);
    session.data.started = true;
    await session.save();

    const keys = Array.from({ length: 50 }, (_, at) => `key${at}`);
    const processes = Array.from({ length: 4 }, (_, at) => {
      const some = keys.filter((_, index) => index % 4 === at);
      return fork(shopper, [url, table, String(session.token), ...some], { execArgv: [] });
    });
    await Promise.all(processes.map((child) => once(child, 'message')));
    const exits = processes.map((child) => once(child, 'exit'));
    for (const child of processes) child.send('go');
    expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0, 0, 0]);

    const { data } = await sessions.open(session.token);
    expect(Object.keys(data).filter((key) => key.startsWith('key'))).toHaveLength(50);
    expect(data.count).toBe(50);
  },
);
