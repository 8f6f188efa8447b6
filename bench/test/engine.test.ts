import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../src/engine.ts');

test('each kind of request stands beside its floor, for each codec', async () => {
  // Fails where a request finds no session. How much it costs is nobody's business here.
  const { stdout } = await run(process.execPath, [program, '--rounds', '2', '--slice-ms', '5']);
  const tables = stdout.trim().split('\n\n');
  expect(tables).toHaveLength(2);
  for (const table of tables) {
    const rows = table
      .split('\n')
      .slice(2)
      .map((line) => line.slice(2, -2).split(' | '));
    expect(rows.map(([kind]) => kind)).toEqual(['does not look', 'reads a key', 'changes a key']);
    for (const [, floor, cost] of rows) {
      expect(floor).toMatch(/^1 = [\d,.]+\/s$/);
      expect(cost).toMatch(/^\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\)$/);
    }
  }
});
