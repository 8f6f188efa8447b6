import { failureText } from '../report.ts';
import { skipReason } from '../requirement.ts';
import { rules } from '../rules/index.ts';
import { chosen, type RuleChoice, startRun } from '../run/conformance-run.ts';
import { ruleTimeoutMs } from '../run/run-rule.ts';
import type { ConformanceTarget } from '../target.ts';

/** What the kit needs of a test runner. */
export interface Runner {
  describe(title: string, body: () => void): void;
  test(title: string, body: () => Promise<void>, timeoutMs: number): void;
  skip(title: string): void;
  after(body: () => Promise<void>): void;
}

/** Gives each rule to the runner as one test. A broken rule fails it with a text that names the rule. */
export function register(runner: Runner, target: ConformanceTarget, choice: RuleChoice = {}): void {
  const wanted = chosen(rules, choice);
  runner.describe(`${target.name} keeps the store contract`, () => {
    const run = startRun(target, wanted);
    for (const rule of wanted) {
      const title = `${rule.id} ${rule.title}`;
      const reason = skipReason(rule, target);
      if (reason !== undefined) {
        runner.skip(`${title} [${rule.level === 'untested' ? 'untested' : 'skipped'}: ${reason}]`);
        continue;
      }
      runner.test(
        title,
        async () => {
          const result = await run.resultOf(rule);
          if (result.status === 'failed') throw new Error(failureText(rule, result, target.name));
        },
        // The rule's own deadline comes first, also on a busy machine: its text says more than the runner's.
        3 * ruleTimeoutMs(target),
      );
    }
    runner.after(() => run.close());
  });
}
