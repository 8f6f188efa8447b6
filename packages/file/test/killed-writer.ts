import { FileStore } from '../src/index.ts';
import { withCall } from './disk-interception.ts';
import { scenarios } from './scenarios.ts';

/** Begins the write of a scenario, and is killed before its k-th call to the disk. */
const [directory = '', name, k] = process.argv.slice(2);
const scenario = scenarios.find((candidate) => candidate.name === name);
const kill = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};
await withCall(directory, Number(k), kill, async () => scenario?.run(new FileStore({ directory })));
