import type { Rule } from '../rule.ts';
import { enumerationRules } from './facets/enumeration.ts';
import { listingPageRules, subjectPageRules, sweepPageRules } from './facets/pages.ts';
import { subjectHistoryRules } from './facets/subject-histories.ts';
import { subjectRules } from './facets/subjects.ts';
import { sweepingRules } from './facets/sweeping.ts';
import { afterFailureRules } from './failures/after-failures.ts';
import { errorRules } from './failures/errors.ts';
import { facetFailureRules } from './failures/facet-failures.ts';
import { privacyRules } from './failures/privacy.ts';
import { frontTokenRules } from './fronts/front-tokens.ts';
import { frontTruthRules } from './fronts/front-truth.ts';
import { frontRules } from './fronts/fronts.ts';
import { concurrencyRules } from './processes/concurrency.ts';
import { durabilityRules } from './processes/durability.ts';
import { isolationRules } from './processes/isolation.ts';
import { processRaceRules } from './processes/process-races.ts';
import { processViewRules } from './processes/process-views.ts';
import { processRules } from './processes/processes.ts';
import { argumentRules } from './records/arguments.ts';
import { createRules } from './records/create.ts';
import { deleteRules } from './records/delete.ts';
import { deletionRaceRules } from './records/deletion-races.ts';
import { expiryRules } from './records/expiry.ts';
import { historyRules } from './records/histories.ts';
import { idRules } from './records/ids.ts';
import { loadRules } from './records/load.ts';
import { numberRules } from './records/numbers.ts';
import { touchRules } from './records/touch.ts';
import { updateRules } from './records/update.ts';
import { valueRules } from './records/values.ts';
import { closeRules } from './store/close.ts';
import { closingRules } from './store/closing.ts';
import { manifestRules } from './store/manifest.ts';

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
