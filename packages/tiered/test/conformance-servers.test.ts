import { registerConformance } from '@stet/conformance/vitest';
import { target } from './redis-over-postgres-target.ts';

registerConformance(target);
