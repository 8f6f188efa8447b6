import { type FaultProxy, startFaultProxy } from '@stet/services';
import { type PageContender, pageContenders } from './page-contenders.ts';
import { openPageSite, pages } from './page-site.ts';
import { Visitor } from './visitor.ts';

/**
 * The round trips of one request of each page to Redis and then to PostgreSQL, as proxies see them: a row for each
 * contender.
 */
export async function countRoundTrips(redisPort: number, postgresPort: number): Promise<string[][]> {
  const [redis, postgres] = [await startFaultProxy(redisPort), await startFaultProxy(postgresPort)];
  const { contenders, close } = await pageContenders(
    `redis://127.0.0.1:${redis.port}`,
    `postgres://stet@127.0.0.1:${postgres.port}/postgres`,
  );
  try {
    const rows = [];
    for (const contender of contenders)
      rows.push([contender.name, ...(await roundTripsOf(contender, redis, postgres))]);
    return rows;
  } finally {
    await close();
    await Promise.all([redis.close(), postgres.close()]);
  }
}

async function roundTripsOf(contender: PageContender, redis: FaultProxy, postgres: FaultProxy): Promise<string[]> {
  const site = await openPageSite(contender);
  const visitor = new Visitor(site.origin);
  await visitor.begin();
  const cells = [];
  for (const page of pages) {
    // Scripts are loaded and caches filled at first use.
    await visitor.visit(page);
    for (const proxy of [redis, postgres]) proxy.forget();
    await visitor.visit(page);
    const seen = [...redis.exchanges.map(commandsOf), ...postgres.exchanges.map(statementOf)];
    cells.push(seen.length > 0 ? `${seen.length}: ${seen.join(', ')}` : '0');
  }
  visitor.leave();
  await site.close();
  return cells;
}

function commandsOf({ request }: { readonly request: Buffer }): string {
  return Array.from(String(request).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g), ([, name]) => name).join(' + ');
}

function statementOf({ request }: { readonly request: Buffer }): string {
  return /\b(SELECT|INSERT|UPDATE|DELETE)\b/i.exec(String(request))?.[0].toUpperCase() ?? 'another';
}
