/**
 * Another process that writes to a file of SQLite, and does not come to an end before it is told to. Forked by the
 * faults on files.
 */
import { DatabaseSync } from 'node:sqlite';

const [, , file = ''] = process.argv;
const connection = new DatabaseSync(file);
connection.exec('BEGIN IMMEDIATE');
process.once('disconnect', () => {
  connection.exec('ROLLBACK');
  process.exit();
});
process.send?.('writing');
