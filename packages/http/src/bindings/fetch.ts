import type { Session, Sessions } from '@stet/core';
import { marked } from '../cookie/marked-response.ts';
import { discardContent } from '../failure/discard-content.ts';
import { statusOf } from '../failure/error-status.ts';
import { plainResponse } from '../failure/plain-response.ts';
import { type SessionHttpOptions, visitsOf } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export { type FindSession, type SessionFinderOptions, sessionFinder } from '../visit/session-finder.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

export interface FetchSessionOptions extends SessionHttpOptions {
  /**
   * Answers where the session could not be loaded or saved; {@link statusOf} says the status that fits. Default: a line
   * of plain text that says no more than the status.
   */
  readonly onError?: (error: unknown, request: Request) => Response | Promise<Response>;
}

/** What the application does with a request and its visitor's session. */
export type FetchSessionHandler<D extends object, R extends Request, Rest extends unknown[]> = (
  request: R,
  session: Session<D>,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * A fetch handler around one that gets the visitor's session, saved before the response is handed on; its body may go
 * on streaming. A handler that throws saves nothing, and its error passes through. Whatever else a runtime or framework
 * hands to its fetch handlers (the parameters of a route, an environment) follows the session.
 */
export function withSession<D extends object, R extends Request = Request, Rest extends unknown[] = []>(
  sessions: Sessions<D>,
  options: FetchSessionOptions,
  handler: FetchSessionHandler<D, R, Rest>,
): (request: R, ...rest: Rest) => Promise<Response> {
  const begin = visitsOf(sessions, options, ['onError']);
  const { onError = plainResponse } = options;
  return async (request, ...rest) => {
    const visit = await begin(request.headers.get('cookie')).catch((error: unknown) => ({ error }));
    if ('error' in visit) return onError(visit.error, request);
    const response = await handler(request, visit.session, ...rest);
    try {
      await visit.commit(response.status);
    } catch (error) {
      await discardContent(response);
      return marked(await onError(error, request), visit.marks());
    }
    return marked(response, visit.marks());
  };
}
