import type { StoreCapabilities } from '@stet/core';
import type { Rule, RuleLevel } from './rule.ts';

/** How one rule ended against one target. Plain data. */
export interface RuleResult {
  readonly id: string;
  readonly level: RuleLevel;
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'untested';
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** Why it was skipped, or why it cannot be tested. */
  readonly reason?: string;
  /** Where it failed: what the rule expected. */
  readonly expected?: string;
  /** Where it failed: what the store did instead. */
  readonly found?: string;
  /** Where it failed: a call ended in a way that the rule does not even speak of, or not at all. */
  readonly unexpected?: boolean;
}

/** How all rules ended against one target. Plain data, safe to put into JSON. */
export interface ConformanceReport {
  /** The version of the kit. */
  readonly kit: string;
  readonly target: string;
  readonly capabilities: StoreCapabilities;
  /** No MUST was broken. */
  readonly conforms: boolean;
  readonly counts: Readonly<Record<RuleResult['status'], number>>;
  readonly results: readonly RuleResult[];
}

/** The failure as people read it: rule and target first, then expectation, fact and intent. */
export function failureText(rule: Rule, result: RuleResult, target: string): string {
  return [
    `Rule ${rule.id} (${rule.level}) is broken by ${target}: ${rule.title}`,
    `  expected: ${result.expected}`,
    `  found:    ${result.found}`,
    `  intent:   ${rule.intent}`,
  ].join('\n');
}
