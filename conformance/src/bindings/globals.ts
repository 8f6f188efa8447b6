import type { RuleChoice } from '../run/conformance-run.ts';
import type { ConformanceTarget } from '../target.ts';
import { register } from './register.ts';

type Body = () => Promise<void>;

/** What jest, mocha, jasmine and bun put into the global scope, each a part of it. */
interface RunnerGlobals {
  describe(title: string, body: () => void): void;
  it: ((title: string, body: Body, timeoutMs?: number) => unknown) & { skip?(title: string, body: Body): void };
  xit?(title: string, body: Body): void;
  afterAll?(body: Body): void;
  after?(body: Body): void;
}

/** Registers each rule as a test of the runner whose functions are global: jest, mocha, jasmine, bun. */
export function registerConformance(target: ConformanceTarget, choice?: RuleChoice): void {
  const { describe, it, xit, afterAll, after } = globalThis as unknown as RunnerGlobals;
  const skip = it?.skip ?? xit;
  const atEnd = afterAll ?? after;
  if (!describe || !it || !skip || !atEnd) {
    throw new TypeError(
      'There is no global describe, it and afterAll (or after) here. Run this file by jest, mocha, jasmine or bun.',
    );
  }
  register(
    { describe, test: testWith(it), skip: (title) => skip(title, async () => {}), after: atEnd },
    target,
    choice,
  );
}

function testWith(it: RunnerGlobals['it']): (title: string, body: Body, timeoutMs: number) => void {
  return (title, body, timeoutMs) => {
    const registered = it(title, body, timeoutMs) as { timeout?(ms: number): void } | undefined;
    // Mocha takes no third argument, but gives the test back.
    registered?.timeout?.(timeoutMs);
  };
}
