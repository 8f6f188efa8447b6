import { expectEqual } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { created, draftOf } from '../../samples/samples.ts';

/** Deletes that meet other writes, in the section on concurrency. */
export const deletionRaceRules: readonly Rule[] = [
  {
    id: '10.11',
    level: 'MUST',
    title: 'Of deletes of one record that race with updates and touches exactly one resolves to true',
    intent: 'What has to be done once at the end of a session is then done once, however busy its visitor was.',
    since: '0.1.0',
    async check({ store }) {
      for (let round = 0; round < 20; round += 1) {
        const { id, record } = await created(store);
        const remove = (): Promise<boolean> => store.delete(id);
        const save = async (): Promise<boolean> => (await store.update(id, record, draftOf())).status === 'gone';
        const touch = async (): Promise<boolean> => !(await store.touch(id, record.expiresAt + 60_000));
        const calls = [remove, save, remove, touch, remove, save];
        const turned = [...calls.slice(round % calls.length), ...calls.slice(0, round % calls.length)];
        const ends = await Promise.all(turned.map(async (call) => [call, await call()] as const));
        const deleted = ends.filter(([call, end]) => call === remove && end);
        expectEqual(deleted.length, 1, 'how many of three deletes that race with updates are true');
      }
    },
  },
];
