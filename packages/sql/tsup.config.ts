import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.ts';

const doors = ['better-sqlite3', 'mysql2', 'node-sqlite', 'pg'];

export default defineConfig({
  ...base,
  entry: {
    index: 'src/index.ts',
    drivers: 'src/drivers/index.ts',
    ...Object.fromEntries(doors.map((door) => [door, `src/doors/${door}.ts`])),
  },
});
