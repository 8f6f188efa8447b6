import type { SqlDatabase } from '@stet/sql';
import { betterSqlite3, type Driver, mysql2, pg, pooled } from '@stet/sql/drivers';
import type { Knex } from 'knex';

const drivers: Readonly<Record<string, Driver<never>>> = { pg, mysql2, 'better-sqlite3': betterSqlite3 };

/**
 * A database as a store wants it, over the connections of a knex instance: knex keeps the pool, and the driver runs the
 * statements.
 */
export function fromKnex(knex: Knex): SqlDatabase {
  const driver = driverOf(knex);
  if (knex.isTransaction) throw new TypeError('knex is a transaction; a store needs the instance that began it.');
  const { client } = knex;
  const acquire = (): Promise<never> => client.acquireConnection();
  // Where the application has destroyed the instance meanwhile, there is nothing to give it back to.
  const release = (connection: never): void => void (client.pool && client.releaseConnection(connection));
  const inMemory = client.driverName === 'better-sqlite3' && client.connectionSettings.filename === ':memory:';
  return { ...pooled({ acquire, release }, driver), inMemory, quoted: quotedBy(knex) };
}

/** A database that runs nothing but the making of tables, through knex itself: in a migration that is a transaction. */
export function schemaOf(knex: Knex): SqlDatabase {
  return {
    dialect: driverOf(knex).dialect,
    quoted: quotedBy(knex),
    async run({ text }) {
      await knex.raw(text);
      return { rows: [], count: 0 };
    },
  };
}

function driverOf(knex: Knex): Driver<never> {
  const name: unknown = knex?.client?.driverName;
  const driver = typeof name === 'string' && Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (driver) return driver;
  throw new TypeError(
    `knex is an instance with the client ${Object.keys(drivers).join(', ')}; this one has ${String(name)}.`,
  );
}

function quotedBy(knex: Knex): (name: string) => string {
  return (name) => knex.raw('??', [name]).toQuery();
}
