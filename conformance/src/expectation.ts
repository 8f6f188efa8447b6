import { isStoreError, type SessionRecord, type StoreError, type StoreErrorCode, type UpdateResult } from '@stet/core';

/** What a broken rule expected, and what it found instead. */
export interface Violation {
  readonly expected: string;
  readonly found: string;
}

const brand = Symbol.for('stet.Violation');

/** Ends a rule as broken. */
export function violated(expected: string, found: string): never {
  throw Object.assign(new Error(`expected ${expected}; found ${found}`), { [brand]: { expected, found } });
}

/** The violation that a thrown value stands for, if it is one. */
export function violationIn(thrown: unknown): Violation | undefined {
  return (thrown as { [brand]?: Violation } | null | undefined)?.[brand];
}

/** The rule goes on only if the fact is as expected. */
export function expect(holds: boolean, expected: string, found: () => string): asserts holds {
  if (!holds) violated(expected, found());
}

/** Both values are the same one. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (!Object.is(found, expected)) violated(`${what} to be ${shown(expected)}`, shown(found));
}

const fields = ['revision', 'data', 'expiresAt', 'createdAt', 'subject'] as const;

/** Each part of the record is as expected; a part that nothing is said about may be anything. */
export function expectRecord(
  found: unknown,
  expected: Partial<SessionRecord>,
  what: string,
): asserts found is SessionRecord {
  if (typeof found !== 'object' || found === null) violated(`${what} to be a record`, shown(found));
  const record = found as Partial<SessionRecord>;
  for (const field of fields) {
    if (field in expected) expectEqual(record[field], expected[field], `the ${field} of ${what}`);
  }
}

/** The two records are the same one: a subject that is absent from one is absent from the other. */
export function expectSameRecord(found: unknown, expected: SessionRecord, what: string): void {
  expectRecord(found, { ...expected, subject: expected.subject as string }, what);
}

const mostFirstRevision = 2 ** 48;

/** The revision can be that of a new record. */
export function expectRevision(found: unknown, what: string): void {
  const isFirst = Number.isSafeInteger(found) && (found as number) >= 1 && (found as number) < mostFirstRevision;
  if (!isFirst) violated(`${what} to be a whole number from 1 to below 2^48`, shown(found));
}

/** There is no record. Whether none is said by null, and nothing else, is a rule of its own. */
export function expectNone(found: unknown, what: string): void {
  if (found !== null && found !== undefined) violated(`${what} to be null`, shown(found));
}

/** The update was done; its record is given back. */
export function expectUpdated(result: UpdateResult, what: string): SessionRecord {
  return result?.status === 'updated' ? result.record : violated(`${what} to be 'updated'`, shown(result));
}

/** The update came too late; the record that beat it is given back. */
export function expectConflict(result: UpdateResult, what: string): SessionRecord {
  return result?.status === 'conflict' ? result.current : violated(`${what} to be 'conflict'`, shown(result));
}

/** The update found no live record. */
export function expectGone(result: UpdateResult, what: string): void {
  if (result?.status !== 'gone') violated(`${what} to be 'gone'`, shown(result));
}

/** How a call ended. */
export type Outcome<T> = { readonly resolved: T } | { readonly rejected: unknown };

/** Waits for a call and says how it ended. A call that throws instead of rejecting counts as one that rejects. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { resolved: await call() };
  } catch (rejected) {
    return { rejected };
  }
}

/** The call rejects with a StoreError of one of the codes, which is given back. */
export async function expectStoreError(
  call: () => Promise<unknown>,
  codes: readonly StoreErrorCode[],
  what: string,
): Promise<StoreError> {
  const outcome = await outcomeOf(call);
  if ('resolved' in outcome) {
    return violated(`${what} to reject with ${codes.join(' or ')}`, `it resolved to ${shown(outcome.resolved)}`);
  }
  expectCode(outcome.rejected, codes, what);
  return outcome.rejected;
}

/** What was thrown is a StoreError of one of the codes. */
export function expectCode(
  thrown: unknown,
  codes: readonly StoreErrorCode[],
  what: string,
): asserts thrown is StoreError {
  const expected = `${what} to reject with ${codes.join(' or ')}`;
  if (!isStoreError(thrown)) violated(expected, `a rejection with ${shown(thrown)}, which is no StoreError`);
  if (!codes.includes(thrown.code)) violated(expected, `a rejection with ${shown(thrown)}`);
}

/** The call rejects with a TypeError, of whatever realm. */
export async function expectTypeError(call: () => Promise<unknown>, what: string): Promise<void> {
  const outcome = await outcomeOf(call);
  if ('resolved' in outcome)
    violated(`${what} to reject with a TypeError`, `it resolved to ${shown(outcome.resolved)}`);
  if ((outcome.rejected as Error | undefined)?.name !== 'TypeError') {
    violated(`${what} to reject with a TypeError`, `a rejection with ${shown(outcome.rejected)}`);
  }
}

const longestShown = 200;

/** A value as failure texts show it. */
export function shown(value: unknown): string {
  const text = isErrorLike(value) ? shownError(value) : typeof value === 'string' ? JSON.stringify(value) : json(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text;
}

function shownError(error: Error & { code?: unknown }): string {
  return `${error.code === undefined ? error.name : String(error.code)} (${error.message})`;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** An error of another realm is no `instanceof Error` here. */
function isErrorLike(value: unknown): value is Error & { code?: unknown } {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value && 'stack' in value;
}
