import type { ConformanceTarget } from '@stet/conformance';
import { type MemcachedTarget, targetOf } from './target.ts';

export const memcache: MemcachedTarget = targetOf('memcache', import.meta.url);
export const target: ConformanceTarget = memcache.target;
