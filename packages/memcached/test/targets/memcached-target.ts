import type { ConformanceTarget } from '@stet/conformance';
import { type MemcachedTarget, targetOf } from './target.ts';

export const memcached: MemcachedTarget = targetOf('memcached', import.meta.url);
export const target: ConformanceTarget = memcached.target;
