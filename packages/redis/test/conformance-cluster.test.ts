import { registerConformance } from '@stet/conformance/vitest';
import { target } from './cluster-target.ts';

registerConformance(target);
