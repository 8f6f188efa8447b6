import { registerConformance } from '@stet/conformance/vitest';
import { afterAll } from 'vitest';
import { close, targets } from './migrating-targets.ts';

for (const target of targets) registerConformance(target);
afterAll(close);
