import type { ConformanceTarget } from '@stet/conformance';
import { kitTargets } from '@stet/sql-doors';
import { doors } from './doors/index.ts';

export const targets: readonly ConformanceTarget[] = (
  await Promise.all(doors.map((door) => kitTargets(door, import.meta.url)))
).flat();
