import type { Reporter, TestModule } from 'vitest/node';
import { formatTally, type Tally } from './tally.ts';

/** Ends a run of vitest with the tally that `scripts/test.ts` reads. A skipped test counts as neither. */
export default class VitestTally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    console.log(formatTally(tallyOf(modules)));
  }
}

function tallyOf(modules: readonly TestModule[]): Tally {
  let passed = 0;
  let failed = 0;
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      if (state === 'failed') failed += 1;
    }
  }
  return { passed, failed };
}
