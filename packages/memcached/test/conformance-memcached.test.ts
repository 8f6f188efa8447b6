import { registerConformance } from '@stet/conformance/vitest';
import { afterAll, beforeAll } from 'vitest';
import { memcached, target } from './targets/memcached-target.ts';

beforeAll(memcached.start);
afterAll(memcached.stop);
registerConformance(target);
