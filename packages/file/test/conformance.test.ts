import { registerConformance } from '@stet/conformance/vitest';
import { target } from './file-target.ts';

registerConformance(target);
