import type { ConformanceTarget } from '@stet/conformance';
import { servedTarget } from './served-target.ts';

export const target: ConformanceTarget = await servedTarget('PostgreSQL', import.meta.url);
