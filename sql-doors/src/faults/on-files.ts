import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from '../databases/database.ts';
import { type Fault, storeOver } from './fault.ts';
import { noTable, poolExhausted } from './on-pools.ts';

type FileFault = Fault<TestDatabase>;

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));

const queryOnly: FileFault = {
  name: 'The connection is set to `query_only`',
  async begin({ opened }) {
    await opened.query('PRAGMA query_only = ON');
    return { end: async () => void (await opened.query('PRAGMA query_only = OFF')) };
  },
};

const locked: FileFault = {
  name: 'Another process writes for longer than the deadline',
  lasting: true,
  async begin({ database }) {
    const process = fork(writer, [fileURLToPath(database.url)], { execArgv: [] });
    await once(process, 'message');
    return {
      async end() {
        const ended = once(process, 'exit');
        process.disconnect();
        await ended;
      },
    };
  },
};

const readOnly: FileFault = {
  name: 'The file is opened read-only',
  begin: async ({ door, database, table }) => storeOver(await door.open(database.url, { readonly: true }), table),
};

const closed: FileFault = {
  name: 'The application has closed the connection',
  async begin({ door, database, table }) {
    const opened = await door.open(database.url);
    const { store, end } = storeOver(opened, table);
    await opened.close();
    return { store, end };
  },
};

/** What goes wrong on SQLite. */
export const fileFaults: readonly FileFault[] = [locked, readOnly, queryOnly, noTable, closed, poolExhausted];
