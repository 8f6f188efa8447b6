import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../src/index.ts';
import { expectCaught } from './mutants/expect-caught.ts';
import { memoryMutants } from './mutants/index.ts';
import { servedMutants } from './mutants/served-mutants.ts';

const scale = process.env.CONFORMANCE_TIME_SCALE;

beforeAll(() => {
  process.env.CONFORMANCE_TIME_SCALE ??= '0.5';
});
afterAll(() => {
  if (scale === undefined) delete process.env.CONFORMANCE_TIME_SCALE;
});

describe('a store that is wrong in one way breaks the rule that says so', () => {
  for (const mutant of memoryMutants) {
    test.concurrent(`mutant of ${mutant.breaks}`, () => expectCaught(mutant));
  }
});

test('each rule that can be tested has a mutant', () => {
  const mutants = new Set([...memoryMutants, ...servedMutants].map(({ breaks }) => breaks));
  const testable = rules.filter(({ level }) => level !== 'untested').map(({ id }) => id);
  expect(testable.filter((id) => !mutants.has(id))).toEqual([]);
});
