/** How fast stet is beside the libraries that people run: docs/speed.md says how to read what this prints. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres, startRedis } from '@stet/services';
import type { Pace } from './speed/compare.ts';
import { pageContenders } from './speed/page-contenders.ts';
import { comparePages, pagesHead } from './speed/pages.ts';
import { countRoundTrips } from './speed/round-trips.ts';
import { fileStores, memoryStores, postgresStores, redisStores } from './speed/store-groups.ts';
import { compareStores, storesHead } from './speed/stores.ts';
import { printTable } from './speed/table.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, 'slice-ms': { type: 'string', default: '150' } },
});
const pace: Pace = { rounds: Number(values.rounds), sliceMs: Number(values['slice-ms']) };

const folder = await mkdtemp(join(tmpdir(), 'stet-bench-'));
const redis = await startRedis();
// Who acknowledges a commit has synced it, as by default.
const postgres = await startPostgres({ settings: ['fsync=on'] });
try {
  printTable(storesHead, await compareStores(pace, await redisStores(redis.url)));
  printTable(storesHead, await compareStores(pace, await postgresStores(postgres.url)));
  printTable(storesHead, await compareStores(pace, fileStores(folder)));
  printTable(storesHead, await compareStores(pace, memoryStores()));
  printTable(pagesHead, await comparePages(pace, await pageContenders(redis.url, postgres.url)));
  printTable(pagesHead, await countRoundTrips(redis.port, postgres.port));
} finally {
  await Promise.all([redis.stop(), postgres.stop(), rm(folder, { recursive: true })]);
}
