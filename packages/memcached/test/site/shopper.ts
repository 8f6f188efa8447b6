/** One of several processes that serve requests of one visitor at once. Forked by sessions.test.ts. */
import { Sessions } from '@stet/core';
import { MemcachedStore } from '../../src/index.ts';
import { type ClientName, clients } from './clients.ts';

interface Shop {
  count?: number;
  [key: string]: unknown;
}

const [clientName, addresses = '', token = '', ...keys] = process.argv.slice(2);
const { client } = clients[clientName as ClientName](addresses.split(','));
const sessions = new Sessions<Shop>({ store: new MemcachedStore({ client }) });

async function request(key: string): Promise<void> {
  const session = await sessions.open(token);
  session.data[key] = key;
  session.update('count', (count) => (count ?? 0) + 1);
  await session.save();
}

process.once('message', async () => {
  await Promise.all(keys.map(request));
  process.exit();
});
process.send?.('ready');
