import { shown, violationIn } from '../expectation.ts';
import type { RuleResult } from '../report.ts';
import { skipReason } from '../requirement.ts';
import type { Rule, TestableRule } from '../rule.ts';
import type { ConformanceTarget } from '../target.ts';
import { wasTooSlow, withRuleContext } from './rule-context.ts';
import { forkSecondProcess, type SecondProcess } from './second-process.ts';
import { scaled, settlesWithin } from './waiting.ts';

/** How long a rule may take, in milliseconds, before it counts as broken by a call that never settles. */
export function ruleTimeoutMs(target: ConformanceTarget): number {
  return scaled(60_000) + 8 * target.capabilities.expiryGranularityMs;
}

/** Runs one rule against stores of a target. Never rejects: what went wrong is in the result. */
export async function runRule(
  rule: Rule,
  target: ConformanceTarget,
  secondProcess: () => Promise<SecondProcess> = () => forkSecondProcess(target),
): Promise<RuleResult> {
  const { id, level, title } = rule;
  const reason = skipReason(rule, target);
  if (rule.level === 'untested') return { id, level, title, status: 'untested', ms: 0, reason: rule.reason };
  if (reason !== undefined) return { id, level, title, status: 'skipped', ms: 0, reason };
  const startedAt = performance.now();
  const thrown = await within(ruleTimeoutMs(target), brokenBy(rule, target, secondProcess));
  const ms = Math.round(performance.now() - startedAt);
  if (!thrown) return { id, level, title, status: 'passed', ms };
  const violation = violationIn(thrown.value);
  return {
    id,
    level,
    title,
    status: 'failed',
    ms,
    expected: violation?.expected ?? 'every call of the rule to end as the contract says',
    found: violation?.found ?? `an unexpected ${shown(thrown.value)}`,
    unexpected: violation === undefined,
  };
}

/** A rule that its own machine is too slow for is given longer lives before that counts against the store. */
const livesMs = [250, 1_000, 4_000, 16_000] as const;

/** For rules that do not wait for a lease to run out: on a busy machine none may run out under way. */
const patientLeaseMs = 60_000;

async function brokenBy(
  rule: TestableRule,
  target: ConformanceTarget,
  secondProcess: () => Promise<SecondProcess>,
): Promise<{ value: unknown } | undefined> {
  for (const lifeMs of livesMs) {
    try {
      const lives = { lifeMs: scaled(lifeMs), leaseMs: scaled(rule.waits ? lifeMs : patientLeaseMs) };
      await withRuleContext(target, lives, secondProcess, (context) => rule.check(context));
      return undefined;
    } catch (value) {
      if (!wasTooSlow(value)) return { value };
    }
  }
  return { value: new Error(`slowness: a few calls took longer than ${scaled(16_000)} ms`) };
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | { value: unknown }> {
  if (await settlesWithin(timeoutMs, work)) return work;
  return { value: new Error(`silence: no end after ${timeoutMs} ms`) };
}
