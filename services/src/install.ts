/**
 * Makes sure that every server which the tests start is installed. Starts none of them: `node services/src/install.ts`.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import * as mariadb from './mariadb.ts';
import * as memcached from './memcached.ts';
import * as postgres from './postgres.ts';
import * as redis from './redis.ts';
import { findBinary, installCommand, type Software } from './software.ts';

const servers: readonly Software[] = [mariadb, memcached, postgres, redis];

const missing = servers.filter((server) => !findBinary(server));
const packages = missing.flatMap((server) => server.packages);
if (packages.length > 0) {
  if (process.getuid?.() !== 0) fail('Only root may install packages.');
  forbidServices('/usr/sbin/policy-rc.d');
  aptGet('update');
  aptGet('install', '-y', '--no-install-recommends', ...packages);
  const stillMissing = missing.filter((server) => !findBinary(server));
  if (stillMissing.length > 0) fail(`${stillMissing.map(({ binary }) => binary).join(', ')} did not come with them.`);
}
console.log(`Installed: ${servers.map(findBinary).join(' ')}`);

/**
 * While a file of this name exits with 101, Debian packages start no service (invoke-rc.d(8)). One that is there
 * already stays; ours goes when this process does.
 */
function forbidServices(path: string): void {
  try {
    writeFileSync(path, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (spawnSync(path, ['any', 'start']).status !== 101) fail(`${path} lets packages start their services.`);
    return;
  }
  process.once('exit', () => rmSync(path));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

function aptGet(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], { env, stdio: 'inherit' });
  if (status !== 0) fail(`apt-get ${args[0]} failed.`);
}

function fail(reason: string): never {
  console.error(`${reason} To provide the servers by hand, run: ${installCommand(packages)}`);
  process.exit(1);
}
