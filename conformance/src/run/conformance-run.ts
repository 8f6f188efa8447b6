import type { RuleResult } from '../report.ts';
import type { Rule, TestableRule } from '../rule.ts';
import type { ConformanceTarget } from '../target.ts';
import { runRule } from './run-rule.ts';
import { forkSecondProcess, type SecondProcess } from './second-process.ts';

/** Which rules to run. */
export interface RuleChoice {
  /** Rules by id (`3.1`) or whole sections (`3`). Default: all. */
  readonly only?: readonly string[];
  /** `MUST` leaves the SHOULD rules out. Default: `SHOULD`, both. */
  readonly level?: 'MUST' | 'SHOULD';
}

/** The rules that a choice names. Throws a `TypeError` where it names one that does not exist. */
export function chosen(rules: readonly Rule[], { only, level = 'SHOULD' }: RuleChoice = {}): readonly Rule[] {
  const isNamed = (rule: Rule, name: string): boolean => rule.id === name || rule.id.split('.')[0] === name;
  for (const name of only ?? []) {
    if (!rules.some((rule) => isNamed(rule, name))) throw new TypeError(`There is no rule and no section ${name}.`);
  }
  return rules.filter(
    (rule) => (level === 'SHOULD' || rule.level !== 'SHOULD') && (only?.some((name) => isNamed(rule, name)) ?? true),
  );
}

/** One pass of rules over a target. */
export interface ConformanceRun {
  /** The result of one of the rules; it is run at most once. */
  resultOf(rule: Rule): Promise<RuleResult>;
  /** Ends the second process and what the target holds. */
  close(): Promise<void>;
}

/** Prepares a run. Rules that only wait all begin with the first of them, so that they wait together. */
export function startRun(target: ConformanceTarget, rules: readonly Rule[]): ConformanceRun {
  const results = new Map<Rule, Promise<RuleResult>>();
  let second: Promise<SecondProcess> | undefined;
  const secondProcess = (): Promise<SecondProcess> => {
    second ??= forkSecondProcess(target);
    return second;
  };
  const begin = (rule: Rule): void => {
    if (!results.has(rule)) results.set(rule, runRule(rule, target, secondProcess));
  };
  return {
    async resultOf(rule) {
      const together = waits(rule) ? rules.filter(waits) : [rule];
      together.forEach(begin);
      // All of them: a rule that follows may make the backend fail.
      await Promise.all(together.map((each) => results.get(each)));
      return results.get(rule) as Promise<RuleResult>;
    },
    async close() {
      await Promise.all(results.values());
      await (await second?.catch(() => undefined))?.end();
      await target.close?.();
    },
  };
}

function waits(rule: Rule): boolean {
  return (rule as TestableRule).waits === true;
}
