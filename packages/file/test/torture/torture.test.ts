import { expect, test } from 'vitest';
import { findings, torture } from './torture.ts';

/** Starting so many processes takes a busy machine a minute and more: who takes this long hangs. */
const hangs = { timeout: 600_000 };

test('no acknowledged write is lost and no record is torn when 100 writers are killed', hangs, async () => {
  const report = await torture({ kind: 'power-loss', kills: 100 });
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(findings(report)).toEqual([]);
});

test('the same torture catches a store that rewrites its files in place', hangs, async () => {
  const report = await torture({ kind: 'naive', kills: 20 });
  expect(findings(report)).not.toEqual([]);
});
