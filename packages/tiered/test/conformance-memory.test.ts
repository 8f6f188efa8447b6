import { registerConformance } from '@stet/conformance/vitest';
import { startTargets } from './tiered-targets.ts';

const backs = ['Memory', 'PostgreSQL', 'MariaDB', 'SQLite', 'File'] as const;

for (const target of await startTargets(import.meta.url, 'Memory', backs)) registerConformance(target);
