import type { Session, Sessions } from '@stet/core';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { sessionCookie } from '../cookie/session-cookie.ts';
import { forgetContent } from '../failure/content-headers.ts';
import { discardContent } from '../failure/discard-content.ts';
import { statusOf, withStatus } from '../failure/error-status.ts';
import { answerPlainly } from '../failure/plain-answer.ts';
import { commitBeforeHead } from '../gate/commit-before-head.ts';
import { beginVisit, type SessionHttpOptions, type Visit } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

/** The data of `request.session`. An application adds its own keys: `declare module '@stet/http/fastify' { interface SessionData { … } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to.
export interface SessionData {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The visitor's session; {@link sessionPlugin} puts it there. */
    readonly session: Session<SessionData>;
  }
}

/**
 * A plugin for Fastify 5: gives each request of the context that registers it, and of those within, its visitor's session as
 * `request.session`, from `onRequest` on, and saves it in `onSend`. Where it cannot be loaded or saved, the error goes to the error
 * handler, with the status that {@link statusOf} says. What a handler throws saves nothing. A reply that was hijacked is saved
 * before its first byte leaves.
 */
export function sessionPlugin<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions = {},
): FastifyPluginAsync {
  const cookie = sessionCookie(options.cookie);
  const visits = new WeakMap<FastifyRequest, Visit<D>>();

  async function plugin(fastify: FastifyInstance): Promise<void> {
    fastify.decorateRequest('session', {
      getter() {
        return visits.get(this)?.session as Session<SessionData>;
      },
    });

    fastify.addHook('onRequest', async (request, reply) => {
      const visit = await beginVisit(sessions, cookie, request.headers.cookie, options).catch((error: unknown) => {
        throw withStatus(error);
      });
      visits.set(request, visit);
      commitBeforeHead(reply.raw, visit, (error) => {
        request.log.error(error);
        answerPlainly(error, reply.raw);
      });
    });

    fastify.addHook('onError', async (request) => visits.get(request)?.abandon());

    fastify.addHook('onSend', async (request, reply, payload) => {
      try {
        await visits.get(request)?.commit(payload instanceof Response ? payload.status : reply.statusCode);
      } catch (error) {
        await withdraw(reply, payload, statusOf(error));
        throw withStatus(error);
      }
    });
  }
  return Object.assign(plugin, pluginMarks);
}

/** What `fastify-plugin` would put on it: the hooks are for the context that registers the plugin, not for one of its own. */
const pluginMarks = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@stet/http',
  [Symbol.for('plugin-meta')]: { name: '@stet/http', fastify: '5.x' },
};

/** Takes back what was to be sent, and what was said of it. */
async function withdraw(reply: FastifyReply, payload: unknown, status: number): Promise<void> {
  forgetContent(Object.keys(reply.getHeaders()), (name) => reply.removeHeader(name));
  reply.code(status);
  await discardContent(payload);
}
