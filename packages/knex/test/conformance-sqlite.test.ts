import { registerConformance } from '@stet/conformance/vitest';
import { target } from './sqlite-target.ts';

registerConformance(target);
