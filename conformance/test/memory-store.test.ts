import { registerConformance } from '../src/bindings/vitest.ts';
import { target } from './fixtures/memory-target.ts';

registerConformance(target);
