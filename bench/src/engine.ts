/**
 * What the engine of @stet/core costs beside what no session library can do without: docs/speed.md says how to read
 * what this prints.
 */
import { parseArgs } from 'node:util';
import { engineTable } from './engine/engine-table.ts';
import type { Pace } from './speed/compare.ts';
import { printTable } from './speed/table.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '21' }, 'slice-ms': { type: 'string', default: '100' } },
});
const pace: Pace = { rounds: Number(values.rounds), sliceMs: Number(values['slice-ms']) };

for (const { head, rows } of await engineTable(pace)) printTable(head, rows);
