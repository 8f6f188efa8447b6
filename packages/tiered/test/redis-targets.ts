import type { ConformanceTarget } from '@stet/conformance';
import { startTargets } from './tiered-targets.ts';

const backs = ['PostgreSQL', 'MariaDB', 'SQLite', 'File'] as const;

export const targets: readonly ConformanceTarget[] = await startTargets(import.meta.url, 'Redis', backs);
