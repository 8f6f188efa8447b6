import { getRequestListener } from '@hono/node-server';
import { listening, Visitor } from '@stet/visitors';

/**
 * Serves a fetch handler over real HTTP until the test is over; resolves to a visitor of it. A handler that rejects is
 * answered with 500.
 */
export async function fetchSite(fetch: (request: Request) => Response | Promise<Response>): Promise<Visitor> {
  const listener = getRequestListener(fetch, { errorHandler: () => new Response(null, { status: 500 }) });
  return new Visitor(await listening(listener));
}
