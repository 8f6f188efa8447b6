import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Session, SessionGoneError, Sessions } from '@stet/core';
import { askRedis, startRedis } from '@stet/services';
import { expect, it, onTestFinished, vi } from 'vitest';
import { TieredStore } from '../src/index.ts';
import { startBack } from './tiers/backs.ts';
import { frontKinds } from './tiers/fronts.ts';

const maxStalenessMs = 30_000;
const each = 20;

interface Shop {
  visits?: number;
}

it('Redis restored from an older copy is read for at most maxStalenessMs, and nothing of it is written back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stet-restored-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const backTier = await startBack('PostgreSQL');
  onTestFinished(() => backTier.close());
  const first = await startRedis({ args: ['--dir', folder] });
  onTestFinished(() => first.stop());
  const connection = frontKinds.Redis.connect(first.url);
  onTestFinished(() => connection.close());

  const clock = { now: Date.now() };
  const now = (): number => clock.now;
  const front = await connection.open({ namespace: 'restored', now });
  const back = await backTier.open({ namespace: 'restored', now });
  const site = new Sessions<Shop>({ store: new TieredStore({ front, back, maxStalenessMs, now }), now });
  const arrive = async (): Promise<Session<Shop>> => {
    const session = await site.open();
    session.data.visits = 1;
    await session.save();
    return site.open(session.token);
  };
  const visit = async ({ token }: Session<Shop>): Promise<void> => {
    const page = await site.open(token);
    page.update('visits', (count = 0) => count + 1);
    await page.save();
  };
  const visitsOf = (sessions: readonly Session<Shop>[]): Promise<unknown[]> =>
    Promise.all(sessions.map(async ({ token }) => (await site.open(token)).data.visits));
  const inBack = (sessions: readonly Session<Shop>[]): Promise<unknown[]> =>
    Promise.all(sessions.map(({ id }) => back.load(id)));
  const group = (): Promise<Session<Shop>[]> => Promise.all(Array.from({ length: each }, arrive));
  const all = <T>(value: T): T[] => Array.from({ length: each }, () => value);

  const [idle, active, busy, ended] = [await group(), await group(), await group(), await group()];
  await askRedis(first.port, 'SAVE');
  clock.now += 1_000;
  await Promise.all([...active, ...busy].map(visit));
  await Promise.all(ended.map((session) => session.destroy()));

  process.kill(first.pid, 'SIGKILL');
  await first.stop();
  const second = await startRedis({ port: first.port, args: ['--dir', folder] });
  onTestFinished(() => second.stop());
  await vi.waitUntil(() => front.load(String(idle[0]?.id)).catch(() => null), { timeout: 30_000 });

  const left = await inBack([...idle, ...active]);
  expect(await visitsOf([...active, ...ended]), 'what was saved and ended since the copy is read as it was').toEqual([
    ...all(1),
    ...all(1),
  ]);
  await Promise.all(busy.map(visit));
  for (const { token } of ended) await expect(visit({ token } as Session<Shop>)).rejects.toThrow(SessionGoneError);

  expect(await inBack([...idle, ...active])).toEqual(left);
  expect(await inBack(ended)).toEqual(all(null));
  expect(await visitsOf([...busy, ...ended]), 'a save on top repairs what it was based on').toEqual([
    ...all(3),
    ...all(undefined),
  ]);
  clock.now += maxStalenessMs;
  expect(await visitsOf([...idle, ...active, ...busy, ...ended])).toEqual([
    ...all(1),
    ...all(2),
    ...all(3),
    ...all(undefined),
  ]);
});
