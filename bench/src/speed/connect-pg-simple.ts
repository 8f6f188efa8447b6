import connectPgSimple from 'connect-pg-simple';
import session, { type Store } from 'express-session';
import pg from 'pg';

export interface OpenPgStore {
  readonly store: Store;
  close(): Promise<void>;
}

const PgStore = connectPgSimple(session);

/** connect-pg-simple with its table, on as many connections as knex has by default. */
export async function openPgStore(connectionString: string): Promise<OpenPgStore> {
  const pool = new pg.Pool({ connectionString, max: 10 });
  const store = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  // The first call makes the table, and overlapping first calls would all do so.
  await new Promise<void>((resolve, reject) => {
    store.get('nobody', (error) => (error ? reject(error) : resolve()));
  });
  return { store, close: () => pool.end() };
}
