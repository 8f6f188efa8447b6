import { registerConformance } from '@stet/conformance/vitest';
import { targets } from './memcached-targets.ts';

for (const target of targets) registerConformance(target);
