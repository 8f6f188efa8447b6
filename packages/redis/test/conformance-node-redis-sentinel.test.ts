import { registerConformance } from '@stet/conformance/vitest';
import { target } from './node-redis-sentinel-target.ts';

registerConformance(target);
