import { injectionSuite, roundTripSuite } from '@stet/sql-doors';
import { doors } from './doors/index.ts';

for (const door of doors.filter(({ databases }) => !databases.includes('SQLite'))) {
  roundTripSuite(door);
  injectionSuite(door);
}
