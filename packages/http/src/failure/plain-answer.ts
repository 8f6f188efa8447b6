import { type ServerResponse, STATUS_CODES } from 'node:http';

/**
 * Ends a response with a line that says no more than its status. Where it is too late for that, the error is a warning
 * of the process.
 */
export function answerPlainly(error: unknown, response: ServerResponse): void {
  if (response.headersSent) {
    process.emitWarning(error instanceof Error ? error : String(error));
    return;
  }
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${STATUS_CODES[response.statusCode]}\n`);
}
