import { KnexStore } from '../../src/index.ts';
import { connect } from '../connect.ts';
import type { TestDatabase } from '../database.ts';
import type { Fault } from './fault.ts';
import { poolExhausted } from './on-pools.ts';

type FileFault = Fault<TestDatabase>;

/** A setting of the connection, while it lasts. */
function pragma(name: string, on: (pages: number) => string, off: string): FileFault {
  return {
    name,
    async begin({ knex }) {
      const [{ page_count: pages }] = await knex.raw('PRAGMA page_count');
      await knex.raw(`PRAGMA ${on(pages)}`);
      return { end: async () => void (await knex.raw(`PRAGMA ${off}`)) };
    },
  };
}

const locked: FileFault = {
  name: 'Another process writes for longer than the deadline',
  lasting: true,
  async begin({ admin }) {
    const transaction = await admin.transaction();
    await transaction.raw('CREATE TABLE lock (id)');
    return { end: async () => void (await transaction.rollback()) };
  },
};

const readOnly: FileFault = {
  name: 'The file is opened read-only',
  async begin({ database, table }) {
    const { pathname } = new URL(database.url);
    const pool = {
      afterCreate: (connection: { pragma(text: string): void }, done: () => void) => {
        connection.pragma('synchronous = FULL');
        done();
      },
    };
    const knex = connect(database.url, { connection: { filename: pathname, options: { readonly: true } }, pool });
    return { store: new KnexStore({ knex, table }), end: () => knex.destroy() };
  },
};

const noTable: FileFault = {
  name: 'The table is missing',
  async begin({ knex }) {
    return { store: new KnexStore({ knex, table: 'missing' }), end: async () => {} };
  },
};

const destroyed: FileFault = {
  name: 'The application has destroyed its knex instance',
  async begin({ knex }) {
    await knex.destroy();
    return { end: async () => knex.initialize() };
  },
};

/** What goes wrong on SQLite. */
export const fileFaults: readonly FileFault[] = [
  locked,
  readOnly,
  pragma('The connection is set to `query_only`', () => 'query_only = ON', 'query_only = OFF'),
  noTable,
  destroyed,
  poolExhausted,
];
