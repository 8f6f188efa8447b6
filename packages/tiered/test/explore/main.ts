import { calmBounds, faultyBounds, logoutBounds, worldOf } from './bounds.ts';
import { explore, printed } from './explore.ts';
import { naiveProtocols, tiered } from './protocols.ts';

/**
 * Explores the tiered store within the bounds of the tests, each up to a number of states (or all), with more faults if asked:
 * `pnpm explore [states] [additional faults]`. Then the naive protocols, up to their shortest violation.
 */
const [most = '4000000', additional = '0'] = process.argv.slice(2);
let isSound = true;

for (const [name, bound] of Object.entries({ ...calmBounds, ...faultyBounds })) {
  const begunAt = Date.now();
  const faults = bound.faults + Number(additional);
  const { trace, ...figures } = await explore(await worldOf(tiered, { ...bound, faults }), 'depth', Number(most));
  console.log(
    `${name}${faults > bound.faults ? ` and ${additional} more` : ''}:`,
    figures,
    `${Date.now() - begunAt} ms`,
  );
  if (trace) console.log(printed(trace));
  isSound &&= !trace;
}

for (const [name, protocol] of Object.entries(naiveProtocols)) {
  const { trace, states } = await explore(await worldOf(protocol, logoutBounds), 'breadth', Number(most));
  console.log(`${name}: ${trace ? `violated, after ${states} states` : 'no violation'}`);
  if (trace) console.log(printed(trace));
  isSound &&= trace !== undefined;
}

process.exitCode = isSound ? 0 : 1;
