import { Visitor } from '@stet/visitors';
import { expect } from 'vitest';

/**
 * How many of their keys a session keeps when overlapping requests of one visitor set one each. The sites share their
 * sessions: `/begin` begins one, `/set/…` adds a key once all requests have loaded it, and `/` shows it.
 */
export async function keysKeptAt(requests: number, ...origins: readonly string[]): Promise<number> {
  const visitor = new Visitor(origins[0] ?? '');
  await visitor.get('/begin');
  const tabs = Array.from({ length: requests }, (_, n) => visitor.twin(origins[n % origins.length]));
  const answers = await Promise.all(tabs.map((tab, n) => tab.get(`/set/key${n}`)));
  expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
  // Tabs share their cookies: whichever answer came last counts.
  const session = (await tabs[0]?.json('/')) as object;
  return Object.keys(session).filter((key) => key.startsWith('key')).length;
}
