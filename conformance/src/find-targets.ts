import type { ConformanceTarget } from './target.ts';

/** The targets that a module exports, by themselves or in arrays. A CommonJS module's are also found. */
export async function findTargets(url: string): Promise<ConformanceTarget[]> {
  const exported: Record<string, unknown> = await import(url);
  const values = [...Object.values(exported), ...Object.values(Object(exported.default) as object)].flat();
  return Array.from(new Set(values)).filter(isTarget);
}

function isTarget(value: unknown): value is ConformanceTarget {
  return typeof value === 'object' && value !== null && 'name' in value && 'createStore' in value;
}
