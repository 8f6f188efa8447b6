import { withCall } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { lease, scenarios } from './scenarios.ts';

/** Begins the write of a scenario, and is killed before its k-th call to the disk. */
const [directory = '', name, token = '', k] = process.argv.slice(2);
const scenario = [...scenarios, lease].find((candidate) => candidate.name === name);
const kill = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};
await withCall(directory, Number(k), kill, async () => scenario?.run(patientStore({ directory }), token));
