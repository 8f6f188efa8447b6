import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { readSettings } from './settings.ts';
import { keepManned } from './supervise.ts';

/**
 * Starts the shop: its web processes, which share one port, and the worker. Whichever of them dies is started again;
 * they keep nothing in memory that matters. Ctrl-C ends them all.
 */
const { host, port: wanted, dataDirectory, webProcesses } = readSettings();
const port = await freePort(host, wanted);
if (wanted !== 0 && port !== wanted) console.log(`Port ${wanted} is taken; the shop moves to ${port}.`);

const env = { ...process.env, PORT: String(port), DATA_DIR: dataDirectory };
// Each web process takes its connections itself: one that this process hands to a web process that has just died would
// hang.
cluster.schedulingPolicy = cluster.SCHED_NONE;
cluster.setupPrimary({ exec: join(import.meta.dirname, 'web.ts'), args: [] });
cluster.once('listening', () => console.log(`The shop is open: http://${host}:${port}  (Ctrl-C closes it)`));

const posts = [
  ...Array.from({ length: webProcesses }, () => keepManned('web', () => cluster.fork(env).process)),
  keepManned('worker', () => fork(join(import.meta.dirname, 'worker.ts'), { env })),
];

async function close(): Promise<void> {
  await Promise.all(posts.map((post) => post.stop()));
  process.exit();
}
process.once('SIGINT', close);
process.once('SIGTERM', close);
