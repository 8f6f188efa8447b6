import { registerConformance } from '@stet/conformance/vitest';
import { memoryOverFile, memoryOverMemory } from './tiered-targets.ts';

registerConformance(memoryOverMemory);
registerConformance(memoryOverFile);
