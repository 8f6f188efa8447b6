import type { ConformanceTarget } from '../../src/index.ts';
import { failureMutants, lostReplyMutants } from './failure-mutants.ts';
import type { Mutant } from './mutant.ts';
import { processMutants } from './process-mutants.ts';
import { sharingMutants } from './sharing-mutants.ts';

/** Mutants of the store over a server. */
export const servedMutants: readonly Mutant[] = [
  ...lostReplyMutants,
  ...sharingMutants,
  ...processMutants,
  ...failureMutants,
];

/** Their targets, for the second process to find. */
export const targets: readonly ConformanceTarget[] = servedMutants.map(({ target }) => target);
