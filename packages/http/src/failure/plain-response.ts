import { statusOf } from './error-status.ts';

/** Not from `node:http`, so that it works wherever `fetch` does. */
const reasons = { 409: 'Conflict', 500: 'Internal Server Error', 503: 'Service Unavailable' } as const;

/** A line of plain text that says no more than the status of the error. */
export function plainResponse(error: unknown): Response {
  const status = statusOf(error);
  return new Response(`${reasons[status]}\n`, { status });
}
