import { appendFileSync } from 'node:fs';
import { MigratingStore } from '../../src/index.ts';
import { type Route, startPlaces } from './places.ts';

/**
 * Uses sessions while they move, until it is killed: adds a key of its own to each, or ends it. A line is written
 * before something is tried and after it was acknowledged.
 */
const { route, ids, name, journal } = JSON.parse(String(process.argv[2])) as {
  readonly route: Route;
  readonly ids: readonly string[];
  readonly name: string;
  readonly journal: string;
};
const { open } = await startPlaces(route);
const store = new MigratingStore(await open({ namespace: 'sessions', leaseMs: 1_000 }));
const note = (line: string): void => appendFileSync(journal, `${line}\n`);

for (let visit = 0; ; visit += 1) {
  const id = ids[Math.floor(Math.random() * ids.length)] as string;
  if (Math.random() < 0.01) {
    note(`ending ${id}`);
    await store.delete(id);
    note(`ended ${id}`);
    continue;
  }
  const key = `${name}.${visit}`;
  for (let base = await store.load(id); base; ) {
    const result = await store.update(id, base, { ...base, data: `${base.data} ${key}` });
    if (result.status === 'updated') note(`kept ${id} ${key}`);
    base = result.status === 'conflict' ? result.current : null;
  }
}
