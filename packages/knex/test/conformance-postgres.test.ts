import { registerConformance } from '@stet/conformance/vitest';
import { target } from './postgres-target.ts';

registerConformance(target);
