import type { Rule } from '../rule.ts';
import { afterFailureRules } from './after-failures.ts';
import { argumentRules } from './arguments.ts';
import { closeRules } from './close.ts';
import { closingRules } from './closing.ts';
import { concurrencyRules } from './concurrency.ts';
import { createRules } from './create.ts';
import { deleteRules } from './delete.ts';
import { deletionRaceRules } from './deletion-races.ts';
import { durabilityRules } from './durability.ts';
import { enumerationRules } from './enumeration.ts';
import { errorRules } from './errors.ts';
import { expiryRules } from './expiry.ts';
import { facetFailureRules } from './facet-failures.ts';
import { frontTokenRules } from './front-tokens.ts';
import { frontTruthRules } from './front-truth.ts';
import { frontRules } from './fronts.ts';
import { historyRules } from './histories.ts';
import { idRules } from './ids.ts';
import { isolationRules } from './isolation.ts';
import { loadRules } from './load.ts';
import { manifestRules } from './manifest.ts';
import { numberRules } from './numbers.ts';
import { listingPageRules, subjectPageRules, sweepPageRules } from './pages.ts';
import { privacyRules } from './privacy.ts';
import { processRaceRules } from './process-races.ts';
import { processViewRules } from './process-views.ts';
import { processRules } from './processes.ts';
import { subjectHistoryRules } from './subject-histories.ts';
import { subjectRules } from './subjects.ts';
import { sweepingRules } from './sweeping.ts';
import { touchRules } from './touch.ts';
import { updateRules } from './update.ts';
import { valueRules } from './values.ts';

/** All rules, in order. */
export const rules: readonly Rule[] = [
  ...manifestRules,
  ...createRules,
  ...loadRules,
  ...updateRules,
  ...historyRules,
  ...touchRules,
  ...deleteRules,
  ...expiryRules,
  ...numberRules,
  ...valueRules,
  ...argumentRules,
  ...idRules,
  ...isolationRules,
  ...concurrencyRules,
  ...processRules,
  ...deletionRaceRules,
  ...processRaceRules,
  ...processViewRules,
  ...errorRules,
  ...privacyRules,
  ...facetFailureRules,
  ...afterFailureRules,
  ...enumerationRules,
  ...listingPageRules,
  ...sweepingRules,
  ...sweepPageRules,
  ...subjectRules,
  ...subjectPageRules,
  ...subjectHistoryRules,
  ...frontRules,
  ...frontTokenRules,
  ...frontTruthRules,
  ...closeRules,
  ...closingRules,
  ...durabilityRules,
];
