import { mastersOf, type RedisClient } from './redis-client.ts';

/**
 * What the settings of the servers mean for sessions that have to stay, one sentence each; none where all is well. For
 * start-up or a health check of an application whose only copy is in Redis; a front may evict. Needs the right to
 * `INFO`.
 */
export async function checkServer(client: RedisClient): Promise<string[]> {
  await client.call('PING');
  const reports = await Promise.all(mastersOf(client).map((master) => master.call('INFO')));
  return Array.from(new Set(reports.flatMap((report) => warnings(settingsIn(String(report))))));
}

function warnings(settings: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const policy = settings.get('maxmemory_policy');
  if (policy !== 'noeviction') {
    found.push(`maxmemory-policy is ${policy}: Redis drops sessions when memory is full. Set it to noeviction.`);
  }
  if (settings.get('aof_enabled') !== '1') {
    found.push('appendonly is off: a crash loses the sessions since the last snapshot. Set it to yes.');
  }
  return found;
}

function settingsIn(report: string): ReadonlyMap<string, string> {
  const lines = report.split('\r\n').map((line) => line.split(':', 2) as [string, string]);
  return new Map(lines.filter(([, value]) => value !== undefined));
}
