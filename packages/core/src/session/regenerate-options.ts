import { assertKnownOptions } from './guards/known-options.ts';

/** How an old token is treated by {@link Session.regenerate}. */
export interface RegenerateOptions {
  /**
   * How long requests with the old token follow to the new session, in milliseconds, at most 60,000. Only for periodic
   * rotation; at a login or any change of privilege leave it at 0, the default: the old token is dead at once (OWASP
   * ASVS 7.2.4).
   */
  readonly graceMs?: number;
}

const mostGraceMs = 60_000;

export function graceOf(options: RegenerateOptions): number {
  assertKnownOptions(options, ['graceMs'], 'session.regenerate');
  const { graceMs = 0 } = options;
  if (!(graceMs >= 0 && graceMs <= mostGraceMs)) throw new TypeError(`graceMs is 0 to ${mostGraceMs} milliseconds.`);
  return graceMs;
}
