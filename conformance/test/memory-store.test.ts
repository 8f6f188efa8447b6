import { registerConformance } from '../src/bindings/vitest.ts';
import { target } from './memory-target.ts';

registerConformance(target);
