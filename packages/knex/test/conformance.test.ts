import { registerConformance } from '@stet/conformance/vitest';
import { targets } from './targets.ts';

for (const target of targets) registerConformance(target);
