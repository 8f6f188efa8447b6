import { registerConformance } from '@stet/conformance/vitest';
import { target } from './single-target.ts';

registerConformance(target);
