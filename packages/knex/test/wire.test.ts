import { injectionSuite, roundTripSuite } from '@stet/sql-doors';
import { door } from './door.ts';

roundTripSuite(door);
injectionSuite(door);
