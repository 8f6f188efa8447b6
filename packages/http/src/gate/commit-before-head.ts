import type { ServerResponse } from 'node:http';
import { markResponse } from '../cookie/response-marks.ts';
import { forgetContent } from '../failure/content-headers.ts';
import { statusOf } from '../failure/error-status.ts';
import type { Visit } from '../visit/visit.ts';
import { hasReason, nodeHeaders } from './node-headers.ts';
import { gateResponse } from './response-gate.ts';

/**
 * Saves the session of a visit before the first byte of its response leaves. Where that fails, `onError` writes the
 * response: the status is set, and what the handler had said of its own content is gone. Where part of the response is
 * out already, the connection is closed, and `onError` can only report it.
 */
export function commitBeforeHead(
  response: ServerResponse,
  visit: Pick<Visit<object>, 'commit' | 'marks'>,
  onError: (error: unknown) => void,
): void {
  const mark = () => markResponse(nodeHeaders(response), visit.marks());
  gateResponse(response, {
    beforeHead: (status) => visit.commit(status),
    markHead: mark,
    onFailure(error) {
      if (response.headersSent) {
        response.destroy();
      } else {
        forgetContent(response.getHeaderNames(), (name) => response.removeHeader(name));
        response.statusCode = statusOf(error);
        if (hasReason(response)) response.statusMessage = '';
        mark();
      }
      onError(error);
    },
  });
}
