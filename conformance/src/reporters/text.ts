import { type ConformanceReport, failureText } from '../report.ts';
import { rules } from '../rules/index.ts';

/** For people at a terminal: what is broken, then what was left out and why, then the count. */
export function text(report: ConformanceReport): string {
  const lines: string[] = [];
  for (const result of report.results) {
    const rule = rules.find(({ id }) => id === result.id);
    if (rule && result.status === 'failed') lines.push(failureText(rule, result, report.target), '');
  }
  for (const reason of new Set(
    report.results.flatMap(({ status, reason }) => (status === 'skipped' ? [reason] : [])),
  )) {
    const skipped = report.results.filter((result) => result.status === 'skipped' && result.reason === reason);
    lines.push(`skipped, for ${reason}: ${skipped.map(({ id }) => id).join(', ')}`);
  }
  const { passed, failed, skipped, untested } = report.counts;
  const verdict = report.conforms ? 'keeps' : 'breaks';
  lines.push(
    `${report.target} ${verdict} the store contract: ${passed} passed, ${failed} failed, ${skipped} skipped, ${untested} untested`,
  );
  return `${lines.join('\n')}\n`;
}
