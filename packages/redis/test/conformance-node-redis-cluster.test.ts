import { registerConformance } from '@stet/conformance/vitest';
import { target } from './node-redis-cluster-target.ts';

registerConformance(target);
