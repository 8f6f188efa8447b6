import type { Rule } from '../rule.ts';
import { createRules } from './create.ts';
import { deleteRules } from './delete.ts';
import { loadRules } from './load.ts';
import { manifestRules } from './manifest.ts';
import { touchRules } from './touch.ts';
import { updateRules } from './update.ts';

/** All rules, in order. */
export const rules: readonly Rule[] = [
  ...manifestRules,
  ...createRules,
  ...loadRules,
  ...updateRules,
  ...touchRules,
  ...deleteRules,
];
