import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session, Sessions } from '@stet/core';
import { statusOf } from '../failure/error-status.ts';
import { answerPlainly } from '../failure/plain-answer.ts';
import { commitBeforeHead } from '../gate/commit-before-head.ts';
import { type SessionHttpOptions, visitsOf } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export { type FindSession, type SessionFinderOptions, sessionFinder } from '../visit/session-finder.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

export interface NodeSessionOptions extends SessionHttpOptions {
  /**
   * Answers where the session could not be loaded or saved. Nothing has been sent, and the status is set. Where
   * `headersSent` says otherwise, the handler wrote what cannot be sent, and the connection is closed: there is nothing
   * to do but to report it. Default: a line of plain text that says no more than the status.
   */
  readonly onError?: (error: unknown, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
}

/** What the application does with a request and its visitor's session. */
export type NodeSessionHandler<D extends object> = (
  request: IncomingMessage,
  response: ServerResponse,
  session: Session<D>,
) => unknown;

/**
 * A listener for `http.createServer` whose handler gets the visitor's session, saved before the first byte of the
 * response leaves. A handler that throws saves nothing; the listener's promise rejects with its error.
 */
export function withSession<D extends object>(
  sessions: Sessions<D>,
  options: NodeSessionOptions,
  handler: NodeSessionHandler<D>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const begin = visitsOf(sessions, options, ['onError']);
  const { onError = (error, _request, response) => answerPlainly(error, response) } = options;
  return async (request, response) => {
    const answer = async (error: unknown) => {
      try {
        await onError(error, request, response);
      } catch (failure) {
        answerPlainly(failure, response);
      }
    };
    const visit = await begin(request.headers.cookie).catch((error: unknown) => {
      response.statusCode = statusOf(error);
      return answer(error);
    });
    if (!visit) return;
    commitBeforeHead(response, visit, answer);
    try {
      await handler(request, response, visit.session);
    } catch (error) {
      visit.abandon();
      throw error;
    }
  };
}
