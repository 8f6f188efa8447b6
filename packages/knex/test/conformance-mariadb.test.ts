import { registerConformance } from '@stet/conformance/vitest';
import { target } from './mariadb-target.ts';

registerConformance(target);
