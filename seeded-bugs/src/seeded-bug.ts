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

/** What the run over faulty sources is told, in the environment variable STET_SEEDED_BUG. */
export interface SeededRun {
  readonly packageFolder: string;
  readonly bug?: SeededBug;
}
