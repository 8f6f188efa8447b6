import { afterAll, beforeAll, describe, test } from 'vitest';
import { startServer, stopServer } from '../fixtures/served-target.ts';
import { expectCaught } from './expect-caught.ts';
import type { Mutant } from './mutant.ts';

/** Each of them takes seconds, most of which are waits: the short form tries every third one. */
const shortForm = 3;

function sampleOf(mutants: readonly Mutant[]): readonly Mutant[] {
  return process.env.STET_LONG_TESTS ? mutants : mutants.filter((_, index) => index % shortForm === 0);
}

/** Tests mutants of the store over a server. The server goes down and stalls, and so takes them one by one. */
export function testOverAServer(title: string, mutants: readonly Mutant[]): void {
  const scale = process.env.CONFORMANCE_TIME_SCALE;
  // A mutant may leave a rejection to nobody, which is for the kit to find, and no failure of these tests.
  const listeners = process.listeners('unhandledRejection');
  const ignore = (): void => {};

  beforeAll(async () => {
    process.env.CONFORMANCE_TIME_SCALE ??= '0.5';
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', ignore);
    await startServer();
  });
  afterAll(async () => {
    if (scale === undefined) delete process.env.CONFORMANCE_TIME_SCALE;
    process.off('unhandledRejection', ignore);
    for (const listener of listeners) process.on('unhandledRejection', listener);
    await stopServer();
  });

  describe(title, () => {
    for (const mutant of sampleOf(mutants)) test(`mutant of ${mutant.breaks}`, () => expectCaught(mutant));
  });
}
