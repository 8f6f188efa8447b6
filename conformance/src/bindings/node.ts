import { after, describe, test } from 'node:test';
import type { RuleChoice } from '../run/conformance-run.ts';
import type { ConformanceTarget } from '../target.ts';
import { register } from './register.ts';

/** Registers each rule as a test of node:test. */
export function registerConformance(target: ConformanceTarget, choice?: RuleChoice): void {
  register(
    {
      describe: (title, body) => void describe(title, body),
      test: (title, body, timeout) => void test(title, { timeout }, body),
      skip: (title) => void test(title, { skip: true }),
      after,
    },
    target,
    choice,
  );
}
