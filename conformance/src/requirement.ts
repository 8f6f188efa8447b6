import type { Requirement, Rule, Trait } from './rule.ts';
import type { ConformanceTarget, Faults } from './target.ts';

/** Why a rule does not run against a target, or `undefined` where it does. Known without opening a store. */
export function skipReason(rule: Rule, target: ConformanceTarget): string | undefined {
  if (rule.level === 'untested') return rule.reason;
  for (const requirement of rule.requires ?? []) {
    const reason = unmet(requirement, target);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function unmet(requirement: Requirement, { capabilities, faults }: ConformanceTarget): string | undefined {
  if (requirement.startsWith('faults.')) {
    const fault = requirement.slice('faults.'.length) as keyof Faults;
    return faults?.[fault] ? undefined : `the target has no faults.${fault}`;
  }
  if (requirement.startsWith('not ')) {
    const trait = requirement.slice('not '.length) as Trait;
    return capabilities[trait] ? `capabilities.${trait} is true` : undefined;
  }
  const trait = requirement as Trait;
  return capabilities[trait] ? undefined : `capabilities.${trait} is false`;
}
