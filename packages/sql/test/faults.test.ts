import { faultSuite } from '@stet/sql-doors';
import { doors } from './doors/index.ts';

faultSuite(doors, {
  subject: 'SqlStore',
  command: 'npx vitest run packages/sql/test/faults.test.ts --update',
  file: '../../../docs/faults-sql.md',
});
