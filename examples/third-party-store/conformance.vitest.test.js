import { registerConformance } from '@stet/conformance/vitest';
import { target } from './target.js';

registerConformance(target);
