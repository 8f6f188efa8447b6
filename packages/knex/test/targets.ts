import type { ConformanceTarget } from '@stet/conformance';
import { kitTargets } from '@stet/sql-doors';
import { door } from './door.ts';

export const targets: readonly ConformanceTarget[] = await kitTargets(door, import.meta.url);
