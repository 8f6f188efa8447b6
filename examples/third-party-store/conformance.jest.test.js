import { registerConformance } from '@stet/conformance/globals';
import { target } from './target.js';

registerConformance(target);
