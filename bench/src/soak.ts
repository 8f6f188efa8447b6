/**
 * Makes half a million calls of all kinds on each store and prints by how much the memory of the process has grown.
 * Fails where one has grown by more than allocators keep. `--calls 20000` makes fewer; names of stores choose among
 * them.
 */
import { parseArgs } from 'node:util';
import { growthOf, isFlat } from './soak/growth.ts';
import { soaked } from './soak/stores.ts';

const { values, positionals } = parseArgs({
  options: { calls: { type: 'string', default: '500000' } },
  allowPositionals: true,
});
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`.padStart(9);

console.log('| store | calls | heap | native memory | |\n|---|---|---|---|---|');
for (const name of positionals.length > 0 ? positionals : Object.keys(soaked)) {
  const growth = await growthOf(name, Number(values.calls));
  if (!isFlat(growth)) process.exitCode = 1;
  const verdict = isFlat(growth) ? 'flat' : 'grows';
  console.log(`| ${name} | ${values.calls} | ${megabytes(growth.heap)} | ${megabytes(growth.native)} | ${verdict} |`);
}
