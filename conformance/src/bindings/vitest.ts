import { afterAll, describe, test } from 'vitest';
import type { RuleChoice } from '../run/conformance-run.ts';
import type { ConformanceTarget } from '../target.ts';
import { register } from './register.ts';

/** Registers each rule as a test of vitest. */
export function registerConformance(target: ConformanceTarget, choice?: RuleChoice): void {
  register({ describe, test, skip: (title) => test.skip(title), after: afterAll }, target, choice);
}
