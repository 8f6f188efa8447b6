import type { ConformanceTarget } from '../../src/index.ts';
import { servedClosingMutants } from './closing-mutants.ts';
import { durabilityMutants } from './durability-mutants.ts';
import { facetFailureMutants } from './facet-failure-mutants.ts';
import { failureMutants, lostReplyMutants } from './failure-mutants.ts';
import { servedFrontTruthMutants } from './front-truth-mutants.ts';
import type { Mutant } from './mutant.ts';
import { servedPageMutants } from './page-mutants.ts';
import { servedPrivacyMutants } from './privacy-mutants.ts';
import { processMutants } from './process-mutants.ts';
import { processRaceMutants } from './process-race-mutants.ts';
import { processViewMutants } from './process-view-mutants.ts';
import { repetitionMutants } from './repetition-mutants.ts';
import { sharingMutants } from './sharing-mutants.ts';

/** Mutants that go wrong where the backend fails, or something is sent twice. */
export const mutantsThatFail: readonly Mutant[] = [
  ...lostReplyMutants,
  ...failureMutants,
  ...servedPrivacyMutants,
  ...repetitionMutants,
  ...facetFailureMutants,
  ...servedFrontTruthMutants,
];

/** Mutants that go wrong where several stores are open on the same data, or one after the other. */
export const mutantsThatShare: readonly Mutant[] = [
  ...sharingMutants,
  ...processMutants,
  ...processRaceMutants,
  ...processViewMutants,
  ...durabilityMutants,
  ...servedPageMutants,
  ...servedClosingMutants,
];

/** Mutants of the store over a server. */
export const servedMutants: readonly Mutant[] = [...mutantsThatFail, ...mutantsThatShare];

/** Their targets, for the second process to find. */
export const targets: readonly ConformanceTarget[] = servedMutants.map(({ target }) => target);
