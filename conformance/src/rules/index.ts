import type { Rule } from '../rule.ts';
import { closeRules } from './close.ts';
import { concurrencyRules } from './concurrency.ts';
import { createRules } from './create.ts';
import { deleteRules } from './delete.ts';
import { enumerationRules } from './enumeration.ts';
import { errorRules } from './errors.ts';
import { expiryRules } from './expiry.ts';
import { frontTokenRules } from './front-tokens.ts';
import { frontRules } from './fronts.ts';
import { idRules } from './ids.ts';
import { isolationRules } from './isolation.ts';
import { loadRules } from './load.ts';
import { manifestRules } from './manifest.ts';
import { processRules } from './processes.ts';
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
  ...touchRules,
  ...deleteRules,
  ...expiryRules,
  ...valueRules,
  ...idRules,
  ...isolationRules,
  ...concurrencyRules,
  ...processRules,
  ...errorRules,
  ...enumerationRules,
  ...sweepingRules,
  ...subjectRules,
  ...frontRules,
  ...frontTokenRules,
  ...closeRules,
];
