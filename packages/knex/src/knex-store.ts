import {
  assertDraft,
  assertInstant,
  assertSessionId,
  assertSubject,
  type FrontResult,
  type FrontStore,
  type IterableStore,
  type OperationKind,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
  StoreError,
  type SubjectStore,
  type SweepableStore,
  type SweepOptions,
  type UpdateResult,
} from '@stet/core';
import { callDatabase, type Database, type DatabaseCall } from './database-call.ts';
import { dialectOf, type Row } from './dialect.ts';
import { newNonce } from './entry-token.ts';
import { type Front, loadOrLease, replaceIf } from './front.ts';
import { assertNumbers, type KnexStoreOptions } from './knex-store-options.ts';
import { contentValues, isLive, nextRecord, readableRecords, recordOf, rowValues, selectRow } from './session-row.ts';
import { quotedTable, tableStatements } from './sessions-table.ts';
import { type Statements, statementsOf } from './statements.ts';
import { sweep } from './sweep.ts';

const rowsPerPage = 100;

/**
 * Keeps sessions in a table of PostgreSQL, MySQL, MariaDB or SQLite, one row each. Every change is one statement that names the
 * revision it replaces and is committed by itself, so that the database settles each race by its own row lock.
 */
export class KnexStore implements IterableStore, SweepableStore, SubjectStore, FrontStore {
  readonly capabilities: StoreCapabilities;
  readonly #database: Database;
  readonly #tableStatements: readonly string[];
  readonly #statements: Statements;
  readonly #front: Front;
  readonly #now: () => number;
  #settingsAreRight = false;
  #closed = false;

  constructor({
    knex,
    timeoutMs = 5_000,
    maxDataBytes = 1_048_576,
    leaseMs = 5_000,
    now = Date.now,
    ...names
  }: KnexStoreOptions) {
    const dialect = dialectOf(knex);
    if (knex.isTransaction) throw new TypeError('knex is a transaction; a store needs the instance that began it.');
    assertNumbers({ timeoutMs, maxDataBytes, leaseMs });
    this.#database = { knex, dialect, timeoutMs };
    this.#tableStatements = tableStatements(knex, dialect, names);
    this.#statements = statementsOf(dialect, quotedTable(knex, names));
    this.#front = { dialect, statements: this.#statements, leaseMs, now };
    this.#now = now;
    this.capabilities = Object.freeze({
      durable: true,
      shared: true,
      iterable: true,
      sweepable: true,
      bySubject: true,
      leasable: true,
      expiryGranularityMs: 1,
      maxDataBytes,
    });
  }

  /** Creates the table and its indexes where they are missing. Any number of processes may do it at once. */
  async createTable(): Promise<void> {
    await this.#within('write', async (call) => {
      for (const statement of this.#tableStatements) await call.write(statement, []);
      call.assertCertain();
    });
  }

  async load(id: string): Promise<SessionRecord | null> {
    this.#begin(id);
    return this.#within('read', async (call) => {
      const row = await selectRow(call, this.#statements, id);
      return row && this.#isLive(row) ? recordOf(row) : null;
    });
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    const { expiresAt, createdAt = this.#now() } = draft;
    const nonce = newNonce(this.#now());
    const record = nextRecord(draft, { revision: 1, createdAt, expiresAt });
    const values = [...rowValues(this.#database.dialect, nonce, record), id];
    return this.#within('write', async (call) => {
      for (;;) {
        const { count } = await call.write(this.#statements.insert, values);
        if (count > 0) return record;
        const row = await selectRow(call, this.#statements, id);
        if (row?.nonce === nonce) return record;
        // It is not sent again: the first one may yet arrive, and must not undo a delete that follows the second.
        call.assertCertain();
        if (row && this.#isLive(row)) return null;
        if (row) await call.write(this.#statements.deleteUnlessLive, [id, this.#now()]);
      }
    });
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    const { revision, createdAt } = base;
    const keeps = draft.expiresAt === base.expiresAt;
    const nonce = newNonce(this.#now());
    const content = contentValues(this.#database.dialect, draft);
    const values = [nonce, ...content, ...(keeps ? [] : [draft.expiresAt]), id, revision];
    const statement = keeps ? this.#statements.updateKeepingExpiry : this.#statements.update;
    return this.#within('write', async (call) => {
      for (;;) {
        const { count, rows } = await call.write(statement, [...values, this.#now()]);
        if (count > 0) {
          const expiresAt = keeps ? Number(rows[0]?.expires) : draft.expiresAt;
          return { status: 'updated', record: nextRecord(draft, { revision: revision + 1, createdAt, expiresAt }) };
        }
        const row = await selectRow(call, this.#statements, id);
        if (row?.nonce === nonce) return { status: 'updated', record: recordOf(row) };
        if (!row || !this.#isLive(row)) {
          call.assertCertain();
          return { status: 'gone' };
        }
        const current = recordOf(row);
        // A later revision than the one that was written may be built on it.
        if (current.revision > revision + 1) call.assertCertain();
        if (current.revision !== revision) return { status: 'conflict', current };
      }
    });
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    this.#begin(id);
    assertInstant(expiresAt, 'expiresAt');
    return this.#within('write', async (call) => {
      for (;;) {
        const { count } = await call.write(this.#statements.touch, [expiresAt, id, this.#now()]);
        if (count > 0) return true;
        // MySQL may have been told to count only the rows that have changed, and not those that were found.
        const row = await selectRow(call, this.#statements, id);
        if (!row || !this.#isLive(row)) return false;
        if (Number(row.expires) >= expiresAt) return true;
      }
    });
  }

  async delete(id: string): Promise<boolean> {
    this.#begin(id);
    return this.#within('write', async (call) => {
      for (;;) {
        const { count } = await call.write(this.#statements.deleteLive, [id, this.#now()]);
        if (count > 0) return true;
        const row = await selectRow(call, this.#statements, id);
        if (row && this.#isLive(row)) continue;
        call.assertCertain();
        if (!row) return false;
        // It may be live yet by the clock of another process, or a lease; one that is not found any more may have become a record.
        const ended = await call.write(this.#statements.deleteUnlessLive, [id, this.#now()]);
        if (ended.count > 0) return false;
      }
    });
  }

  async *entries(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    this.#assertOpen();
    for (let after: unknown = ''; after !== undefined; ) {
      const bindings = [String(after), this.#now(), rowsPerPage];
      const rows = await this.#within('read', (call) => call.read(this.#statements.selectPage, bindings));
      for (const entry of readableRecords(rows)) {
        if (entry[1].expiresAt > this.#now()) yield entry;
      }
      after = rows.length < rowsPerPage ? undefined : rows.at(-1)?.id;
    }
  }

  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    this.#assertOpen();
    let deleted = 0;
    while (deleted < limit && !signal?.aborted) {
      const most = limit - deleted;
      const batch = await this.#within('write', (call) => sweep(call, this.#statements, this.#now, most));
      if (batch.found === 0) break;
      deleted += batch.deleted;
    }
    return deleted;
  }

  async bySubject(subject: string): Promise<Array<readonly [id: string, record: SessionRecord]>> {
    this.#assertOpen();
    assertSubject(subject);
    const bindings = [this.#database.dialect.bound(subject), this.#now()];
    return readableRecords(await this.#within('read', (call) => call.read(this.#statements.selectSubject, bindings)));
  }

  async loadOrLease(id: string): Promise<FrontResult> {
    this.#begin(id);
    // What runs out of time is the read most often, and has changed nothing.
    return this.#within('read', (call) => loadOrLease(call, this.#front, id));
  }

  async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    this.#begin(id);
    assertDraft(record, this.capabilities.maxDataBytes);
    return this.#within('write', (call) => replaceIf(call, this.#front, id, token, record));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #begin(id: string): void {
    this.#assertOpen();
    assertSessionId(id);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  async #within<T>(kind: OperationKind, operation: (call: DatabaseCall) => Promise<T>): Promise<T> {
    this.#assertOpen();
    return callDatabase(this.#database, kind, async (call) => {
      await this.#assertSettings(call);
      return operation(call);
    });
  }

  /** Until it has been found right once: what the database is set to decides whether it can keep what the store promises. */
  async #assertSettings(call: DatabaseCall): Promise<void> {
    if (this.#settingsAreRight) return;
    const { settings, settingsFault } = this.#database.dialect;
    const [row = {}] = await call.read(settings, []);
    const fault = settingsFault(row, this.capabilities.maxDataBytes);
    if (fault !== null) throw new StoreError('STORE_UNAVAILABLE', fault, { retryable: false });
    this.#settingsAreRight = true;
  }

  #isLive(row: Row): boolean {
    return isLive(row, this.#now());
  }
}
