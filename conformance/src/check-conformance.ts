import manifest from '../package.json' with { type: 'json' };
import type { ConformanceReport, RuleResult } from './report.ts';
import { rules } from './rules/index.ts';
import { chosen, type RuleChoice, startRun } from './run/conformance-run.ts';
import type { ConformanceTarget } from './target.ts';

/** Runs the rules against a target without any test runner, and reports how each of them ended. */
export async function checkConformance(target: ConformanceTarget, choice: RuleChoice = {}): Promise<ConformanceReport> {
  const wanted = chosen(rules, choice);
  const run = startRun(target, wanted);
  const results: RuleResult[] = [];
  try {
    for (const rule of wanted) results.push(await run.resultOf(rule));
  } finally {
    await run.close();
  }
  const count = (status: RuleResult['status']): number => results.filter((result) => result.status === status).length;
  return {
    kit: manifest.version,
    target: target.name,
    capabilities: target.capabilities,
    conforms: !results.some(({ status, level }) => status === 'failed' && level === 'MUST'),
    counts: {
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
      untested: count('untested'),
    },
    results,
  };
}
