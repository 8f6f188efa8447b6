import { configureSqlite } from '@stet/sql/better-sqlite3';
import knex, { type Knex } from 'knex';

const clients: Readonly<Record<string, string>> = { 'postgres:': 'pg', 'mysql:': 'mysql2', 'file:': 'better-sqlite3' };

/** A knex instance on the database at a URL, for what the stores do not do: `postgres:`, `mysql:` or `file:`. */
export function adminOf(url: string, config: Knex.Config = {}): Knex {
  const { protocol, pathname } = new URL(url);
  const isFile = protocol === 'file:';
  return knex({
    client: clients[protocol] ?? protocol,
    connection: isFile ? { filename: pathname } : url,
    pool: isFile ? { afterCreate } : { min: 0, max: 10 },
    useNullAsDefault: true,
    // Each refused connection is a warning on the console, and refusing them is what many tests do.
    log: { warn() {} },
    ...config,
  });
}

function afterCreate(connection: Parameters<typeof configureSqlite>[0], done: (error: unknown) => void): void {
  configureSqlite(connection);
  done(null);
}
