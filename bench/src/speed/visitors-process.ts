/** The visitors of all sites, in a process of their own: what they do takes no time from the sites. */
import { atOnce, ratePerSecond } from './rate.ts';
import { Visitor } from './visitor.ts';
import type { Call, Reply } from './visitors.ts';

const visitorsOf = new Map<string, Visitor[]>();

process.on('message', ({ origin, page, sliceMs }: Call) => {
  rate(origin, page, sliceMs).then(
    (perSecond) => process.send?.({ perSecond } satisfies Reply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies Reply),
  );
});

async function rate(origin: string, page: string, sliceMs: number): Promise<number> {
  const visitors = visitorsOf.get(origin) ?? Array.from({ length: atOnce }, () => new Visitor(origin));
  if (!visitorsOf.has(origin)) await Promise.all(visitors.map((visitor) => visitor.begin()));
  visitorsOf.set(origin, visitors);
  return ratePerSecond(
    sliceMs,
    visitors.map((visitor) => () => visitor.visit(page)),
  );
}
