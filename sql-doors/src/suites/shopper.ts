/** One of several processes that serve requests of one visitor at once, through a door. Forked by the races. */
import { Sessions } from '@stet/core';
import type { Door } from '../door.ts';

interface Shop {
  count?: number;
  [key: string]: unknown;
}

const [module = '', url = '', table = '', token = '', ...keys] = process.argv.slice(2);
const { door } = (await import(module)) as { readonly door: Door };
const opened = await door.open(url);
const sessions = new Sessions<Shop>({ store: opened.store({ table }) });

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
