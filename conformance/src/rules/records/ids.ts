import { expectEqual, expectTypeError, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { alikeIds, hostileIds } from '../../samples/hostile-ids.ts';
import { created, draftOf } from '../../samples/samples.ts';

export const idRules: readonly Rule[] = [
  {
    id: '8.1',
    level: 'MUST',
    title: 'load of what is not 64 lower-case hexadecimal digits is a TypeError',
    intent: 'An id that is checked first cannot be a path, a command or a pattern to any backend.',
    since: '0.1.0',
    async check({ store }) {
      for (const id of hostileIds) await expectTypeError(() => store.load(id as string), `load of ${shown(id)}`);
    },
  },
  {
    id: '8.2',
    level: 'MUST',
    title: 'create, update, touch and delete of what is no id are TypeErrors',
    intent: 'An id that is checked first cannot be a path, a command or a pattern to any backend.',
    since: '0.1.0',
    async check({ store }) {
      const { record } = await created(store);
      for (const hostile of hostileIds) {
        const id = hostile as string;
        await expectTypeError(() => store.create(id, draftOf()), `create with ${shown(id)}`);
        await expectTypeError(() => store.update(id, record, draftOf()), `update of ${shown(id)}`);
        await expectTypeError(() => store.touch(id, Date.now() + 60_000), `touch of ${shown(id)}`);
        await expectTypeError(() => store.delete(id), `delete of ${shown(id)}`);
      }
    },
  },
  {
    id: '8.3',
    level: 'MUST',
    title: 'Ids that look alike are different ids',
    intent: 'Backends compare prefixes, fold keys, and read digits as numbers.',
    since: '0.1.0',
    async check({ store }) {
      for (const id of alikeIds) await created(store, { data: `"of ${id}"` }, id);
      for (const id of alikeIds) expectEqual((await store.load(id))?.data, `"of ${id}"`, `the data of ${id}`);
    },
  },
];
