import type { ConformanceTarget } from '@stet/conformance';
import { servedTarget } from './served-target.ts';

export const target: ConformanceTarget = await servedTarget('MariaDB', import.meta.url);
