import { STATUS_CODES } from 'node:http';
import type { Session, Sessions } from '@stet/core';
import { sessionCookie } from './cookie.ts';
import { statusOf } from './error-status.ts';
import { beginVisit, type SessionHttpOptions } from './life-cycle.ts';
import { markResponse, type ResponseMarks } from './response-marks.ts';

export type { CookieOptions } from './cookie.ts';
export type { SessionHttpOptions } from './life-cycle.ts';
export { statusOf };

export interface FetchSessionOptions extends SessionHttpOptions {
  /**
   * Answers where the session could not be loaded or saved; {@link statusOf} says the status that fits. Default: a line of plain text that
   * says no more than the status.
   */
  readonly onError?: (error: unknown, request: Request) => Response | Promise<Response>;
}

/** What the application does with a request and its visitor's session. */
export type FetchSessionHandler<D extends object> = (
  request: Request,
  session: Session<D>,
) => Response | Promise<Response>;

/**
 * A fetch handler around one that gets the visitor's session, saved before the response is handed on; its body may go on
 * streaming. A handler that throws saves nothing, and its error passes through.
 */
export function withSession<D extends object>(
  sessions: Sessions<D>,
  options: FetchSessionOptions,
  handler: FetchSessionHandler<D>,
): (request: Request) => Promise<Response> {
  const cookie = sessionCookie(options.cookie);
  const { onError = plainResponse } = options;
  return async (request) => {
    const visit = await beginVisit(sessions, cookie, request.headers.get('cookie'), options).catch(
      (error: unknown) => ({ error }),
    );
    if ('error' in visit) return onError(visit.error, request);
    const response = await handler(request, visit.session);
    try {
      await visit.commit(response.status);
    } catch (error) {
      await response.body?.cancel().catch(() => {});
      return marked(await onError(error, request), visit.marks());
    }
    return marked(response, visit.marks());
  };
}

/** The response with the marks on it: a copy where its headers cannot be changed, as those of `Response.redirect()`. */
function marked(response: Response, marks: ResponseMarks): Response {
  try {
    markResponse(response.headers, marks);
    return response;
  } catch {
    const { status, statusText } = response;
    const headers = new Headers(response.headers);
    markResponse(headers, marks);
    return new Response(response.body, { status, statusText, headers });
  }
}

function plainResponse(error: unknown): Response {
  const status = statusOf(error);
  return new Response(`${STATUS_CODES[status]}\n`, { status });
}
