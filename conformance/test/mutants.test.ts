import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkConformance, failureText, type RuleResult, rules } from '../src/index.ts';
import { startServer, stopServer } from './fixtures/served-target.ts';
import { memoryMutants } from './mutants/index.ts';
import type { Mutant } from './mutants/mutant.ts';
import { servedMutants } from './mutants/served-mutants.ts';

/** The mutant fails its rule, nothing but its rule, and by what the rule says rather than by a crash. */
async function expectCaught({ breaks, alsoBreaks, target }: Mutant): Promise<void> {
  const { results } = await checkConformance(target);
  const failed = results.filter(({ status }) => status === 'failed');
  const texts = failed.map((result) => failureText(ruleOf(result), result, target.name)).join('\n');
  const others = failed.map(({ id }) => id).filter((id) => id !== breaks && !alsoBreaks.includes(id));
  expect(others, texts).toEqual([]);
  expect(
    failed.map(({ id }) => id),
    `no rule found the mutant of ${breaks}`,
  ).toContain(breaks);
  expect(
    failed.filter(({ unexpected }) => unexpected).map(({ id }) => id),
    texts,
  ).toEqual([]);
  expect(texts).toContain(`Rule ${breaks} (`);
}

function ruleOf({ id }: RuleResult): (typeof rules)[number] {
  return rules.find((rule) => rule.id === id) as (typeof rules)[number];
}

const scale = process.env.CONFORMANCE_TIME_SCALE;

beforeAll(async () => {
  process.env.CONFORMANCE_TIME_SCALE ??= '0.5';
  await startServer();
});
afterAll(async () => {
  if (scale === undefined) delete process.env.CONFORMANCE_TIME_SCALE;
  await stopServer();
});

describe('a store that is wrong in one way breaks the rule that says so', () => {
  for (const mutant of memoryMutants) {
    test.concurrent(`mutant of ${mutant.breaks}`, () => expectCaught(mutant));
  }
});

describe('so does a store over a server, which goes down and stalls and so takes them one by one', () => {
  for (const mutant of servedMutants) {
    test(`mutant of ${mutant.breaks}`, () => expectCaught(mutant));
  }
});

test('each rule that can be tested has a mutant', () => {
  const mutants = new Set([...memoryMutants, ...servedMutants].map(({ breaks }) => breaks));
  const testable = rules.filter(({ level }) => level !== 'untested').map(({ id }) => id);
  expect(testable.filter((id) => !mutants.has(id))).toEqual([]);
});
