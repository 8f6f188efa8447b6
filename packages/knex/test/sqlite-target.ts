import type { ConformanceTarget } from '@stet/conformance';
import { connect } from './connect.ts';
import { makeFile } from './database.ts';
import { knexTarget } from './target.ts';

// A second process inherits the environment, and so finds the same file.
const file = process.env.STET_KNEX_SQLITE ? undefined : await makeFile();
process.env.STET_KNEX_SQLITE ??= file?.url;
const url = String(process.env.STET_KNEX_SQLITE);
const knex = connect(url);

export const target: ConformanceTarget = knexTarget({
  name: 'SQLite',
  module: import.meta.url,
  knex,
  admin: connect(url),
  faults: {
    async outage() {
      await knex.destroy();
      return async () => knex.initialize();
    },
    /** The only connection is taken, and does not come back. */
    async stall() {
      const transaction = await knex.transaction();
      return async () => void (await transaction.rollback());
    },
  },
  stop: async () => file?.stop(),
});
