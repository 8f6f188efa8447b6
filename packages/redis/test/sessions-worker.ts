/** Sets keys of one session, each in a request of its own, all at once. */
import { once } from 'node:events';
import { Sessions } from '@stet/core';
import { Redis } from 'ioredis';
import { RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

const [port, token = ''] = process.argv.slice(2);
const client = new Redis(Number(port), connection);
const sessions = new Sessions<Record<string, unknown>>({ store: new RedisStore({ client }) });

const told = once(process, 'message');
await client.ping();
process.send?.('ready');
const [keys] = (await told) as [string[]];
await Promise.all(
  keys.map(async (key) => {
    const session = await sessions.open(token);
    session.data[key] = true;
    session.update('visits', (visits) => Number(visits) + 1);
    await session.save();
  }),
);
client.disconnect();
process.disconnect();
