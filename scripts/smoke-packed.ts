/** Uses the tarballs in `dist-pack/` as their users would: installed by npm, outside of this workspace. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publishedPackages } from './published-packages.ts';
import { runChecks } from './run-checks.ts';
import { packedConsumerChecks } from './smoke/packed-consumer.ts';
import { thirdPartyStoreChecks } from './smoke/third-party-store.ts';

const root = dirname(import.meta.dirname);
const packages = publishedPackages(root);
const folder = mkdtempSync(join(tmpdir(), 'stet-smoke-'));
try {
  await runChecks([
    ...packedConsumerChecks(root, packages, join(folder, 'consumer')),
    ...thirdPartyStoreChecks(root, packages, join(folder, 'third-party-store')),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
