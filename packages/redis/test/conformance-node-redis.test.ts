import { registerConformance } from '@stet/conformance/vitest';
import { target } from './node-redis-target.ts';

registerConformance(target);
