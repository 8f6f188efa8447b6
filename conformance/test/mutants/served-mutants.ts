import type { ConformanceTarget } from '../../src/index.ts';
import { servedPageMutants } from './facets/page-mutants.ts';
import { facetFailureMutants } from './failures/facet-failure-mutants.ts';
import { failureMutants, lostReplyMutants } from './failures/failure-mutants.ts';
import { servedPrivacyMutants } from './failures/privacy-mutants.ts';
import { repetitionMutants } from './failures/repetition-mutants.ts';
import { servedFrontTruthMutants } from './fronts/front-truth-mutants.ts';
import type { Mutant } from './mutant.ts';
import { durabilityMutants } from './processes/durability-mutants.ts';
import { processMutants } from './processes/process-mutants.ts';
import { processRaceMutants } from './processes/process-race-mutants.ts';
import { processViewMutants } from './processes/process-view-mutants.ts';
import { sharingMutants } from './processes/sharing-mutants.ts';
import { servedClosingMutants } from './store/closing-mutants.ts';

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
