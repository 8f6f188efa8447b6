import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Sessions } from '@stet/core';
import { expect, onTestFinished, test } from 'vitest';
import { startAny } from '../databases/database.ts';
import type { Door } from '../door.ts';

const shopper = fileURLToPath(new URL('shopper.ts', import.meta.url));
const table = 'shop';
const requests = 50;

/**
 * Registers a race of four processes over one session on each database of a door. Where several doors are given, each
 * process goes through another of them, to the one table.
 */
export function raceSuite(doors: readonly Door[]): void {
  const [first] = doors as [Door];
  const databases = first.databases.filter((name) => doors.every((door) => door.databases.includes(name)));
  test.each(databases)(
    `${doors.map(({ name }) => name).join(', ')} on %s: ${requests} overlapping requests in 4 processes each set a key and count, and nothing is lost`,
    async (name) => {
      const { url, stop } = await startAny[name]();
      const opened = await first.open(url);
      onTestFinished(async () => {
        await opened.close();
        await stop();
      });
      const store = opened.store({ table });
      await store.createTable();
      const sessions = new Sessions<Record<string, unknown>>({ store });
      const session = await sessions.open(undefined);
      session.data.started = true;
      await session.save();

      const keys = Array.from({ length: requests }, (_, at) => `key${at}`);
      const processes = Array.from({ length: 4 }, (_, at) => {
        const some = keys.filter((_, index) => index % 4 === at);
        const { module } = doors[at % doors.length] as Door;
        return fork(shopper, [module, url, table, String(session.token), ...some], { execArgv: [] });
      });
      await Promise.all(processes.map((child) => once(child, 'message')));
      const exits = processes.map((child) => once(child, 'exit'));
      for (const child of processes) child.send('go');
      expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0, 0, 0]);

      const { data } = await sessions.open(session.token);
      expect(Object.keys(data).filter((key) => key.startsWith('key'))).toHaveLength(requests);
      expect(data.count).toBe(requests);
    },
  );
}
