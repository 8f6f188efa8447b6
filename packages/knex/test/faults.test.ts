import { faultSuite } from '@stet/sql-doors';
import { door } from './door.ts';

faultSuite([door], {
  subject: 'KnexStore',
  command: 'npx vitest run packages/knex/test/faults.test.ts --update',
  file: '../../../docs/faults-knex.md',
});
