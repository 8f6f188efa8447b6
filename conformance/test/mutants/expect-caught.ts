import { expect } from 'vitest';
import { checkConformance, failureText, type RuleResult, rules } from '../../src/index.ts';
import type { Mutant } from './mutant.ts';

/**
 * Where the rules begin, section by section, that ask for what others ask for: after longer histories, in other
 * processes, under faults. What breaks one of the others may break these as well, so that they are tried on their own
 * mutants alone.
 */
const wideFrom: Readonly<Record<string, number>> = {
  3: 17,
  5: 11,
  6: 8,
  7: 15,
  10: 11,
  11: 16,
  12: 11,
  13: 10,
  14: 9,
  15: 27,
  16: 7,
  17: 1,
};

/** The mutant fails its rule, no other that is not wide, and by what the rule says rather than by a crash. */
export async function expectCaught({ breaks, alsoBreaks, target }: Mutant): Promise<void> {
  const only = rules.filter(({ id }) => id === breaks || !isWide(id)).map(({ id }) => id);
  const { results } = await checkConformance(target, { only });
  const failed = results.filter(({ status }) => status === 'failed');
  const texts = failed.map((result) => failureText(ruleOf(result), result, target.name)).join('\n');
  const others = failed.map(({ id }) => id).filter((id) => id !== breaks && !alsoBreaks.includes(id));
  expect(others, texts).toEqual([]);
  const own = failed.find(({ id }) => id === breaks);
  expect(own?.id, `no rule found the mutant of ${breaks}`).toBe(breaks);
  expect(own?.unexpected, texts).toBe(false);
  expect(texts).toContain(`Rule ${breaks} (`);
}

function isWide(id: string): boolean {
  const [section = '', number] = id.split('.');
  return Number(number) >= (wideFrom[section] ?? Number.POSITIVE_INFINITY);
}

function ruleOf({ id }: RuleResult): (typeof rules)[number] {
  return rules.find((rule) => rule.id === id) as (typeof rules)[number];
}
