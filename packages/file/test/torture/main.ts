import { parseArgs } from 'node:util';
import { type Kind, kinds } from './counter-store.ts';
import { findings, torture } from './torture.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    store: { type: 'string', default: 'power-loss' },
  },
});
if (!kinds.includes(values.store as Kind)) throw new TypeError(`--store is one of ${kinds.join(', ')}`);

const startedAt = performance.now();
const report = await torture({ kind: values.store as Kind, kills: Number(values.kills) });
console.log({ store: values.store, ...report, seconds: Math.round((performance.now() - startedAt) / 1000) });
const found = findings(report);
console.log(found.length === 0 ? 'Every acknowledged write stands.' : found.join('\n'));
process.exitCode = found.length === 0 ? 0 : 1;
