import { enumerationMutants } from './facets/enumeration-mutants.ts';
import { pageMutants } from './facets/page-mutants.ts';
import { subjectHistoryMutants } from './facets/subject-history-mutants.ts';
import { subjectMutants } from './facets/subject-mutants.ts';
import { sweepingMutants } from './facets/sweeping-mutants.ts';
import { privacyMutants } from './failures/privacy-mutants.ts';
import { frontMutants } from './fronts/front-mutants.ts';
import { frontTruthMutants } from './fronts/front-truth-mutants.ts';
import { tokenMutants } from './fronts/token-mutants.ts';
import type { Mutant } from './mutant.ts';
import { concurrencyMutants } from './processes/concurrency-mutants.ts';
import { isolationMutants } from './processes/isolation-mutants.ts';
import { argumentMutants } from './records/argument-mutants.ts';
import { createMutants } from './records/create-mutants.ts';
import { deleteMutants } from './records/delete-mutants.ts';
import { expiryMutants } from './records/expiry-mutants.ts';
import { hintMutants } from './records/hint-mutants.ts';
import { historyMutants } from './records/history-mutants.ts';
import { idMutants } from './records/id-mutants.ts';
import { loadMutants } from './records/load-mutants.ts';
import { numberMutants } from './records/number-mutants.ts';
import { touchMutants } from './records/touch-mutants.ts';
import { updateMutants } from './records/update-mutants.ts';
import { valueMutants } from './records/value-mutants.ts';
import { closeMutants } from './store/close-mutants.ts';
import { closingMutants } from './store/closing-mutants.ts';
import { manifestMutants } from './store/manifest-mutants.ts';

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
