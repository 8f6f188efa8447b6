import {
  AbstractStore,
  assertWholeNumbers,
  type Deadline,
  type FrontResult,
  type IdAndRecord,
  recordOf,
  type SessionChange,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import { type Dialect, dialectOf } from '../dialects/dialect.ts';
import type { SqlDatabase, SqlStatement, SqlValue } from '../sql-database.ts';
import { type Awaitable, andThen, isPromiseLike } from './awaitable.ts';
import { DatabaseCall } from './database-call.ts';
import { newNonce } from './entry-token.ts';
import { type Front, loadOrLease, replaceIf } from './front.ts';
import { contentValues, isLive, readableRecords, recordIn, rowValues } from './session-row.ts';
import { quotedTable, tableStatements } from './sessions-table.ts';
import type { SqlStoreOptions } from './sql-store-options.ts';
import { type Statements, statementsOf } from './statements.ts';
import { sweep } from './sweep.ts';

const rowsPerPage = 100;

/**
 * Keeps sessions in a table of PostgreSQL, MySQL, MariaDB or SQLite, one row each. Every change is one statement that
 * names the revision it replaces and is committed by itself, so that the database settles each race by its own row
 * lock.
 */
export class SqlStore extends AbstractStore {
  readonly #database: SqlDatabase;
  readonly #dialect: Dialect;
  readonly #tableStatements: readonly SqlStatement[];
  readonly #statements: Statements;
  readonly #front: Front;
  #settingsAreRight = false;

  constructor({
    database,
    timeoutMs = 5_000,
    maxDataBytes = 1_048_576,
    leaseMs = 5_000,
    now,
    ...names
  }: SqlStoreOptions) {
    const isKept = !database.inMemory;
    super({ durable: isKept, shared: isKept, timeoutMs, maxDataBytes, now });
    assertWholeNumbers({ leaseMs });
    this.#database = database;
    this.#dialect = dialectOf(database.dialect);
    this.#tableStatements = tableStatements(database, names);
    const table = quotedTable(database.quoted ?? this.#dialect.quoted, names);
    this.#statements = statementsOf(this.#dialect, table);
    this.#front = { dialect: this.#dialect, statements: this.#statements, leaseMs, now: () => this.now() };
  }

  /** Creates the table and its indexes where they are missing. Any number of processes may do it at once. */
  createTable(): Promise<void> {
    return this.within('write', (deadline) =>
      this.#within(deadline, async (call) => {
        for (const statement of this.#tableStatements) await call.write(statement, []);
        call.assertCertain();
      }),
    );
  }

  protected override _load(id: string, deadline: Deadline): Awaitable<SessionRecord | null> {
    return this.#within(deadline, (call) =>
      andThen(call.read(this.#statements.select, [id]), ([row]) =>
        row && isLive(row, this.now()) ? recordIn(row) : null,
      ),
    );
  }

  protected override _create(id: string, record: SessionRecord, deadline: Deadline): Awaitable<boolean> {
    const nonce = newNonce(this.now());
    const values = [...rowValues(this.#dialect, nonce, record), id];
    return this.#within(deadline, async (call) => {
      for (;;) {
        const { count } = await call.write(this.#statements.insert, values);
        if (count > 0) return true;
        const [row] = await call.read(this.#statements.selectState, [id]);
        if (row?.nonce === nonce) return true;
        // It is not sent again: the first one may yet arrive, and must not undo a delete that follows the second.
        call.assertCertain();
        if (row && isLive(row, this.now())) return false;
        if (row) await call.write(this.#statements.deleteUnlessLive, [id, this.now()]);
      }
    });
  }

  protected override _update(
    id: string,
    base: SessionRecord,
    change: SessionChange,
    deadline: Deadline,
  ): Awaitable<UpdateResult> {
    const { keepsExpiry, revision } = change;
    const statement = keepsExpiry ? this.#statements.updateKeepingExpiry : this.#statements.update;
    const nonce = newNonce(this.now());
    const written = [nonce, ...contentValues(this.#dialect, change), ...(keepsExpiry ? [] : [change.expiresAt])];
    // That of the base is that of the row, unless the caller made the base up; then the row tells.
    let createdAt = Number.isSafeInteger(base.createdAt) ? base.createdAt : 0;
    return this.#within(deadline, async (call) => {
      for (;;) {
        const values: SqlValue[] = [...written, id, revision - 1, createdAt, this.now() + 1];
        const { count, rows, insertId } = await call.write(statement, values);
        if (count > 0) {
          const expiresAt = keepsExpiry ? Number(rows[0]?.expires ?? insertId) : change.expiresAt;
          return { status: 'updated', record: recordOf({ ...change, expiresAt }, revision, createdAt) };
        }
        const [row] = await call.read(this.#statements.select, [id]);
        if (row?.nonce === nonce) return { status: 'updated', record: recordIn(row) };
        if (!row || !isLive(row, this.now())) {
          call.assertCertain();
          return { status: 'gone' };
        }
        const current = recordIn(row);
        // A later revision than the one that was written may be built on it.
        if (current.revision > revision) call.assertCertain();
        if (current.revision !== revision - 1) return { status: 'conflict', current };
        createdAt = current.createdAt;
      }
    });
  }

  protected override _touch(id: string, expiresAt: number, deadline: Deadline): Awaitable<boolean> {
    return this.#within(deadline, async (call) => {
      for (;;) {
        const values = this.#dialect.touch.values(id, expiresAt, this.now());
        const { count } = await call.write(this.#statements.touch, values);
        if (count > 0) return true;
        // The databases do not all count a row that was found and not extended.
        const [row] = await call.read(this.#statements.selectState, [id]);
        if (!row || !isLive(row, this.now())) return false;
        if (Number(row.expires) >= expiresAt) return true;
      }
    });
  }

  protected override _delete(id: string, deadline: Deadline): Awaitable<boolean> {
    return this.#within(deadline, async (call) => {
      for (;;) {
        const { count } = await call.write(this.#statements.deleteLive, [id, this.now()]);
        if (count > 0) return true;
        const [row] = await call.read(this.#statements.selectState, [id]);
        if (row && isLive(row, this.now())) continue;
        call.assertCertain();
        if (!row) return false;
        // It may be live yet by the clock of another process, or a lease; one that is not found any more may have
        // become a record.
        const ended = await call.write(this.#statements.deleteUnlessLive, [id, this.now()]);
        if (ended.count > 0) return false;
      }
    });
  }

  protected override async *_entries(deadline: Deadline): AsyncGenerator<readonly IdAndRecord[]> {
    for (let after: unknown = ''; after !== undefined; ) {
      const values = [String(after), this.now(), rowsPerPage];
      const rows = await this.#within(deadline, (call) => call.read(this.#statements.selectPage, values));
      yield readableRecords(rows);
      after = rows.length < rowsPerPage ? undefined : rows.at(-1)?.id;
    }
  }

  protected override async *_bySubject(subject: string, deadline: Deadline): AsyncGenerator<readonly IdAndRecord[]> {
    const values = [this.#dialect.bound(subject), this.now()];
    yield readableRecords(await this.#within(deadline, (call) => call.read(this.#statements.selectSubject, values)));
  }

  protected override async *_deleteExpired(limit: number, deadline: Deadline): AsyncGenerator<number> {
    for (let left = limit; left > 0; ) {
      const { found, deleted } = await this.#within(deadline, (call) =>
        sweep(call, this.#statements, () => this.now(), left),
      );
      if (found === 0) return;
      left -= deleted;
      yield deleted;
    }
  }

  protected override _loadOrLease(id: string, deadline: Deadline): Awaitable<FrontResult> {
    return this.#within(deadline, (call) => loadOrLease(call, this.#front, id));
  }

  protected override _replaceIf(
    id: string,
    token: string,
    record: SessionRecord,
    deadline: Deadline,
  ): Awaitable<string | null> {
    return this.#within(deadline, (call) => replaceIf(call, this.#front, id, token, record));
  }

  #within<T>(deadline: Deadline, operation: (call: DatabaseCall) => Awaitable<T>): Awaitable<T> {
    const call = new DatabaseCall(this.#database, this.#dialect, deadline);
    const fail = (error: unknown): never => {
      throw call.verdict(error);
    };
    if (!this.#settingsAreRight)
      return this.#assertSettings(call)
        .then(() => operation(call))
        .catch(fail);
    try {
      const result = operation(call);
      return isPromiseLike(result) ? result.then(undefined, fail) : result;
    } catch (error) {
      return fail(error);
    }
  }

  /**
   * Until it has been found right once: what the database is set to decides whether it can keep what the store
   * promises.
   */
  async #assertSettings(call: DatabaseCall): Promise<void> {
    const { maxDataBytes } = this.capabilities;
    const [row = {}] = await call.read(this.#statements.settings, []);
    const fault = this.#dialect.settingsFault(row, { maxDataBytes, inMemory: this.#database.inMemory === true });
    if (fault !== null) throw new StoreError('STORE_UNAVAILABLE', fault, { retryable: false });
    this.#settingsAreRight = true;
  }
}
