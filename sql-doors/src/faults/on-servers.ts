import { readdirSync, readFileSync } from 'node:fs';
import type { Fault as Traffic } from '@stet/services';
import type { Knex } from 'knex';
import { vi } from 'vitest';
import { newId } from '../calls/samples.ts';
import { adminOf } from '../databases/admin.ts';
import type { OwnDatabase } from '../databases/database.ts';
import { type Fault, type Scene, storeOver } from './fault.ts';
import { noTable, poolExhausted } from './on-pools.ts';

type ServerFault = Fault<OwnDatabase>;

/** The proxy does that to the traffic. */
function traffic(name: string, fault: Traffic): ServerFault {
  return {
    name,
    lasting: typeof fault === 'string',
    async begin({ database: { proxy } }) {
      await proxy.set(fault);
      return { end: () => proxy.set('none') };
    },
  };
}

const refused: ServerFault = {
  name: 'Connections are refused',
  async begin({ database: { proxy }, store }) {
    await proxy.set('refuse');
    // The connection that was cut with it is noticed by a call that does not matter.
    await store.load(newId()).catch(() => {});
    return { end: () => proxy.set('none') };
  },
};

/** A lock on the whole table that stops even those who read. */
async function lockTable({ admin, table }: Scene<OwnDatabase>): Promise<Knex.Transaction> {
  const transaction = await admin.transaction();
  await transaction.raw(isMySql(admin) ? 'LOCK TABLES ?? WRITE' : 'LOCK TABLE ?? IN ACCESS EXCLUSIVE MODE', [table]);
  return transaction;
}

async function unlockTable(transaction: Knex.Transaction): Promise<void> {
  if (isMySql(transaction)) await transaction.raw('UNLOCK TABLES');
  await transaction.rollback();
}

const locked: ServerFault = {
  name: 'The table is locked for longer than the deadline',
  lasting: true,
  async begin(scene) {
    const transaction = await lockTable(scene);
    return { end: () => unlockTable(transaction) };
  },
};

const killed: ServerFault = {
  name: 'The server is killed while the statement runs',
  async begin(scene) {
    const { database } = scene;
    const transaction = await lockTable(scene);
    database.proxy.forget();
    return {
      async meanwhile() {
        await vi.waitUntil(() => database.proxy.exchanges.length > 0);
        database.kill();
      },
      async end() {
        await transaction.rollback().catch(() => {});
        await database.restart();
      },
    };
  },
};

const killedConnection: ServerFault = {
  name: 'The administrator ends the connection while the statement runs',
  async begin(scene) {
    const { admin, database, opened } = scene;
    const [own] = await opened.query(`SELECT ${isMySql(admin) ? 'connection_id()' : 'pg_backend_pid()'} AS id`);
    const transaction = await lockTable(scene);
    database.proxy.forget();
    return {
      async meanwhile() {
        await vi.waitUntil(() => database.proxy.exchanges.length > 0);
        await admin.raw(isMySql(admin) ? 'KILL ?' : 'SELECT pg_terminate_backend(?)', [Number(own?.id)]);
        await unlockTable(transaction);
      },
      end: async () => {},
    };
  },
};

const stopped: ServerFault = {
  name: 'The server process is stopped (`SIGSTOP`)',
  lasting: true,
  async begin({ admin, database, opened }) {
    let { pid } = database;
    // PostgreSQL has a process for each connection.
    if (!isMySql(admin)) pid = Number((await opened.query('SELECT pg_backend_pid() AS pid'))[0]?.pid);
    process.kill(pid, 'SIGSTOP');
    // The signal comes to each of its threads a moment later.
    await vi.waitUntil(() => threadStates(pid).every((state) => state === 'T'));
    return { end: async () => void process.kill(pid, 'SIGCONT') };
  },
};

function threadStates(pid: number): string[] {
  const status = (thread: string): string => readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
  return readdirSync(`/proc/${pid}/task`).map((thread) => /^State:\t(\w)/m.exec(status(thread))?.[1] ?? '');
}

const readOnly: ServerFault = {
  name: 'The server is read-only',
  async begin({ door, admin, database, table }) {
    const [on, off] = isMySql(admin)
      ? ['SET GLOBAL read_only = 1', 'SET GLOBAL read_only = 0']
      : [
          'ALTER DATABASE postgres SET default_transaction_read_only = on',
          'SET default_transaction_read_only = off; ALTER DATABASE postgres RESET default_transaction_read_only',
        ];
    await admin.raw(on);
    const { store, end } = storeOver(await door.open(database.proxyUrl), table);
    return {
      store,
      async end() {
        await end();
        await admin.raw(off);
      },
    };
  },
};

const tooManyConnections: ServerFault = {
  name: 'The server takes no more connections',
  async begin({ door, admin, database, table }) {
    for (const statement of oneConnectionFor(admin)) await admin.raw(statement);
    const url = new URL(database.proxyUrl);
    url.username = 'busy';
    const holder = adminOf(url.href);
    const transaction = await holder.transaction();
    const { store, end } = storeOver(await door.open(url.href), table);
    return {
      store,
      async end() {
        await transaction.rollback();
        await holder.destroy();
        await end();
      },
    };
  },
};

function oneConnectionFor(admin: Knex): readonly string[] {
  if (isMySql(admin)) {
    return [
      "CREATE USER IF NOT EXISTS busy@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1",
      "GRANT ALL ON stet.* TO busy@'127.0.0.1'",
    ];
  }
  return ['DROP ROLE IF EXISTS busy', 'CREATE ROLE busy LOGIN CONNECTION LIMIT 1'];
}

function isMySql({ client }: Knex): boolean {
  return client.driverName === 'mysql2';
}

/** What goes wrong on PostgreSQL and MariaDB, besides connections that are cut. */
export const serverFaults: readonly ServerFault[] = [
  traffic('The network is slow', { delayMs: 5 }),
  refused,
  traffic('The network stalls', 'stall'),
  traffic('Replies do not come', 'stall replies'),
  stopped,
  locked,
  killedConnection,
  killed,
  readOnly,
  noTable,
  tooManyConnections,
  poolExhausted,
];
