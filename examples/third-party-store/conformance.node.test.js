import { registerConformance } from '@stet/conformance/node';
import { target } from './target.js';

registerConformance(target);
