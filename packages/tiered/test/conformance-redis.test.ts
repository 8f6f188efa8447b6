import { registerConformance } from '@stet/conformance/vitest';
import { targets } from './redis-targets.ts';

for (const target of targets) registerConformance(target);
