import { registerConformance } from '@stet/conformance/vitest';
import { target } from './sentinel-target.ts';

registerConformance(target);
