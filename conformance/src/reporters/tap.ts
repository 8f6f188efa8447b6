import type { ConformanceReport, RuleResult } from '../report.ts';

/**
 * For harnesses that read the Test Anything Protocol, version 13. A broken SHOULD is a `not ok` with a TODO: it fails
 * no build.
 */
export function tap(report: ConformanceReport): string {
  const lines = ['TAP version 13', `1..${report.results.length}`];
  for (const [index, result] of report.results.entries()) lines.push(...entry(index + 1, result));
  return `${lines.join('\n')}\n`;
}

function entry(number: number, { id, title, status, level, reason, expected, found }: RuleResult): string[] {
  const name = `${number} - ${id} ${title.replaceAll('#', '\\#')}`;
  if (status === 'skipped' || status === 'untested') return [`ok ${name} # SKIP ${reason}`];
  if (status === 'passed') return [`ok ${name}`];
  const todo = level === 'SHOULD' ? ' # TODO a SHOULD' : '';
  const facts = [`  expected: ${JSON.stringify(expected)}`, `  found: ${JSON.stringify(found)}`];
  return [`not ok ${name}${todo}`, '  ---', ...facts, '  ...'];
}
