import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { draftOf, newId, startAny } from '@stet/sql-doors';
import { expect, onTestFinished, test } from 'vitest';
import { door } from './door.ts';

const graceMs = 250 * Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);

test('the memory of the process stays where it is over many calls', async () => {
  const worker = fileURLToPath(new URL('memory-worker.ts', import.meta.url));
  const { bytes, calls } = JSON.parse(execFileSync(process.execPath, ['--expose-gc', worker], { encoding: 'utf8' }));
  // A statement that is prepared anew for each call takes about 7,000 bytes, which the garbage collector does not see.
  expect(bytes / calls).toBeLessThan(1_000);
});

test('more calls than there is time for end in time', async () => {
  const { url, stop } = await startAny.SQLite();
  const opened = await door.open(url);
  onTestFinished(async () => {
    await opened.close();
    await stop();
  });
  const timeoutMs = 50;
  const hasty = opened.store({ timeoutMs });
  await opened.store().createTable();
  await hasty.load(newId());
  const data = 'x'.repeat(200_000);
  const calls = Array.from({ length: 600 }, async () => {
    const startedAt = performance.now();
    await hasty.create(newId(), draftOf({ data })).catch(() => {});
    return performance.now() - startedAt;
  });
  expect(Math.max(...(await Promise.all(calls)))).toBeLessThan(timeoutMs + graceMs);
});
