import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Sessions } from '@stet/core';
import { expect, onTestFinished, test } from 'vitest';
import { MemcachedStore } from '../src/index.ts';
import { clientNames, clients } from './site/clients.ts';
import { startTwoServers } from './site/two-servers.ts';

const shopper = fileURLToPath(new URL('site/shopper.ts', import.meta.url));

test.each(clientNames)(
  '50 overlapping requests in 4 processes through %s each set a key and count: 50 keys and a count of 50 are kept',
  async (clientName) => {
    const { addresses, stop } = await startTwoServers();
    onTestFinished(stop);
    const { client, end } = clients[clientName](addresses);
    onTestFinished(end);
    const sessions = new Sessions<Record<string, unknown>>({ store: new MemcachedStore({ client }) });
    const session = await sessions.open(undefined);
    session.data.started = true;
    await session.save();

    const keys = Array.from({ length: 50 }, (_, at) => `key${at}`);
    const processes = Array.from({ length: 4 }, (_, at) => {
      const own = keys.filter((_, index) => index % 4 === at);
      return fork(shopper, [clientName, addresses.join(), String(session.token), ...own], { execArgv: [] });
    });
    await Promise.all(processes.map((child) => once(child, 'message')));
    const exits = processes.map((child) => once(child, 'exit'));
    for (const child of processes) child.send('go');
    expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0, 0, 0]);

    const { data } = await sessions.open(session.token);
    expect(Object.keys(data).filter((key) => key.startsWith('key'))).toHaveLength(50);
    expect(data.count).toBe(50);
  },
);
