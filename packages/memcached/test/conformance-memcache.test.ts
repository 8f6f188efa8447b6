import { registerConformance } from '@stet/conformance/vitest';
import { afterAll, beforeAll } from 'vitest';
import { memcache, target } from './targets/memcache-target.ts';

beforeAll(memcache.start);
afterAll(memcache.stop);
registerConformance(target);
