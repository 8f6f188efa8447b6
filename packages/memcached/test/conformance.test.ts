import { registerConformance } from '@stet/conformance/vitest';
import { afterAll, beforeAll } from 'vitest';
import { startTarget, stopTarget, target } from './memcached-target.ts';

beforeAll(startTarget);
afterAll(stopTarget);
registerConformance(target);
