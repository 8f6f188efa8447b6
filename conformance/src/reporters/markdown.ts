import type { ConformanceReport, RuleResult } from '../report.ts';

/** For a repository: a table with one row a rule. */
export function markdown(report: ConformanceReport): string {
  const { passed, failed, skipped, untested } = report.counts;
  return [
    `# ${report.target}`,
    '',
    `${report.conforms ? 'Keeps' : '**Breaks**'} the store contract (kit ${report.kit}): ${passed} passed, ${failed} failed, ${skipped} skipped, ${untested} untested.`,
    '',
    '| rule | level | | |',
    '|---|---|---|---|',
    ...report.results.map(
      (result) => `| ${result.id} | ${result.level} | ${result.status} | ${cell(remark(result))} |`,
    ),
    '',
  ].join('\n');
}

function remark({ title, reason, expected, found }: RuleResult): string {
  if (expected !== undefined) return `${title}. Expected ${expected}; found ${found}`;
  return reason === undefined ? title : `${title} (${reason})`;
}

function cell(content: string): string {
  return content.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
