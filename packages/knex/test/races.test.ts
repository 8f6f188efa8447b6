import { raceSuite } from '@stet/sql-doors';
import { door } from './door.ts';

raceSuite([door]);
