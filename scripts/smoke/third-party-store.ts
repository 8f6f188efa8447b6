import type { PublishedPackage } from '../published-packages.ts';
import type { Check } from '../run-checks.ts';

export function thirdPartyStoreChecks(_root: string, _packages: readonly PublishedPackage[], _folder: string): Check[] {
  return [];
}
