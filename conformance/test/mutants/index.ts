import { argumentMutants } from './argument-mutants.ts';
import { closeMutants } from './close-mutants.ts';
import { closingMutants } from './closing-mutants.ts';
import { concurrencyMutants } from './concurrency-mutants.ts';
import { createMutants } from './create-mutants.ts';
import { deleteMutants } from './delete-mutants.ts';
import { enumerationMutants } from './enumeration-mutants.ts';
import { expiryMutants } from './expiry-mutants.ts';
import { frontMutants } from './front-mutants.ts';
import { frontTruthMutants } from './front-truth-mutants.ts';
import { hintMutants } from './hint-mutants.ts';
import { historyMutants } from './history-mutants.ts';
import { idMutants } from './id-mutants.ts';
import { isolationMutants } from './isolation-mutants.ts';
import { loadMutants } from './load-mutants.ts';
import { manifestMutants } from './manifest-mutants.ts';
import type { Mutant } from './mutant.ts';
import { numberMutants } from './number-mutants.ts';
import { pageMutants } from './page-mutants.ts';
import { privacyMutants } from './privacy-mutants.ts';
import { subjectHistoryMutants } from './subject-history-mutants.ts';
import { subjectMutants } from './subject-mutants.ts';
import { sweepingMutants } from './sweeping-mutants.ts';
import { tokenMutants } from './token-mutants.ts';
import { touchMutants } from './touch-mutants.ts';
import { updateMutants } from './update-mutants.ts';
import { valueMutants } from './value-mutants.ts';

/** Mutants of the in-memory store. */
export const memoryMutants: readonly Mutant[] = [
  ...manifestMutants,
  ...createMutants,
  ...loadMutants,
  ...updateMutants,
  ...hintMutants,
  ...touchMutants,
  ...deleteMutants,
  ...expiryMutants,
  ...valueMutants,
  ...idMutants,
  ...isolationMutants,
  ...concurrencyMutants,
  ...enumerationMutants,
  ...sweepingMutants,
  ...subjectMutants,
  ...frontMutants,
  ...tokenMutants,
  ...privacyMutants,
  ...closeMutants,
  ...closingMutants,
  ...frontTruthMutants,
  ...subjectHistoryMutants,
  ...pageMutants,
  ...argumentMutants,
  ...numberMutants,
  ...historyMutants,
];
