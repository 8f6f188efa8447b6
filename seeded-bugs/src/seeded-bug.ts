/** A fault that is easy to make: one text of one source file, and what it is replaced by. */
export interface SeededBug {
  /** What goes wrong, in words. */
  readonly name: string;
  /** The test file that must fail: test/<this>.test.ts. */
  readonly caughtBy: string;
  /** The source file: src/<this>. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Test files to be run over sources that have one bug, or none. */
export interface SeededRun {
  readonly files: readonly string[];
  readonly bug?: SeededBug;
}

export interface SeededResult {
  readonly passed: boolean;
  /** What was wrong. */
  readonly errors: readonly string[];
}
