/** `npm test`: everything, in order. `npm test -- lint types` runs the named steps alone. */
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runStep, type Step } from './run-step.ts';
import { formatTally, sum } from './tally.ts';

const root = dirname(import.meta.dirname);
const bin = (tool: string): string => join(root, 'node_modules', '.bin', tool);

const steps: readonly Step[] = [
  { name: 'lint', command: [bin('biome'), 'check', '.'] },
  { name: 'types', command: [bin('tsc'), '--noEmit'] },
  { name: 'types-compat', command: [bin('tsc'), '--noEmit', '--project', 'packages/compat/test'] },
  { name: 'packages', command: ['node', 'scripts/check-packages.ts'] },
  { name: 'rules', command: ['node', 'scripts/generate-rules.ts', '--check'] },
  { name: 'capabilities', command: ['node', 'scripts/generate-capabilities.ts', '--check'] },
  { name: 'servers', command: ['node', 'services/src/install.ts'] },
  { name: 'vitest', command: [bin('vitest'), 'run', '--reporter=default', '--reporter=./scripts/vitest-tally.ts'] },
  { name: 'build', command: ['node', 'scripts/build-packages.ts'] },
  { name: 'packed', command: ['node', 'scripts/check-packed.ts'] },
  { name: 'smoke', command: ['node', 'scripts/smoke-packed.ts'] },
  { name: 'unused', command: [bin('knip')] },
  { name: 'changesets', command: ['node', 'scripts/check-changesets.ts'] },
];
const deadlineMs = 20 * 60_000;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}. The steps: ${steps.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const results = [];
for (const step of names.length > 0 ? steps.filter(({ name }) => names.includes(name)) : steps) {
  console.log(`\n── ${step.name}: ${step.command.join(' ').replaceAll(`${root}/`, '')}\n`);
  const startedAt = performance.now();
  const tally = await runStep(step, root, deadlineMs, (text) => process.stdout.write(text));
  results.push({ name: step.name, tally, seconds: (performance.now() - startedAt) / 1000 });
}

console.log('\n── summary\n');
for (const { name, tally, seconds } of results) {
  const mark = tally.failed === 0 ? '✓' : '✗';
  console.log(`${mark} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s   ${formatTally(tally)}`);
}
const total = sum(results.map(({ tally }) => tally));
console.log(`\n${formatTally(total)}`);
if (total.failed > 0) process.exitCode = 1;
