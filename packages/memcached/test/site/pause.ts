import { readdir, readFile } from 'node:fs/promises';

/** Stops a process, and resolves once every thread of it has stopped. */
export async function pause(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (!(await hasStopped(pid)));
}

async function hasStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
  return states.every((state) => / T /.test(state));
}
