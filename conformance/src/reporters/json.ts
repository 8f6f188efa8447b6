import type { ConformanceReport } from '../report.ts';

/** For programs: the report itself. */
export function json(report: ConformanceReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
