import { STATUS_CODES } from 'node:http';
import {
  isSessionError,
  isStoreError,
  type Session,
  type SessionError,
  type Sessions,
  type StoreError,
} from '@stet/core';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { forgetContent } from '../failure/content-headers.ts';
import { discardContent } from '../failure/discard-content.ts';
import { statusOf, withStatus } from '../failure/error-status.ts';
import { answerPlainly } from '../failure/plain-answer.ts';
import { commitBeforeHead } from '../gate/commit-before-head.ts';
import { type SessionHttpOptions, type Visit, visitsOf } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

/**
 * The data of `request.session`. An application adds its own keys:
 * `declare module '@stet/http/fastify' { interface SessionData { … } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to.
export interface SessionData {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The visitor's session; {@link sessionPlugin} puts it there. */
    readonly session: Session<SessionData>;
  }
}

/**
 * A plugin for Fastify 5: gives each request of the context that registers it, and of those within, its visitor's
 * session as `request.session`, from `onRequest` on, and saves it in `onSend`. Where it cannot be loaded or saved, the
 * error goes to the error handler, with the status that {@link statusOf} says. What a handler throws saves nothing. A
 * reply that was hijacked is saved before its first byte leaves.
 */
export function sessionPlugin<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions = {},
): FastifyPluginAsync {
  const begin = visitsOf(sessions, options);
  const visits = new WeakMap<FastifyRequest, Visit<D>>();
  const failures = new WeakMap<FastifyRequest, SessionError | StoreError>();

  async function plugin(fastify: FastifyInstance): Promise<void> {
    fastify.decorateRequest('session', {
      getter() {
        return visits.get(this)?.session as Session<SessionData>;
      },
    });

    fastify.addHook('onRequest', async (request, reply) => {
      const visit = await begin(request.headers.cookie).catch((error: unknown) => {
        throw withStatus(error);
      });
      visits.set(request, visit);
      commitBeforeHead(reply.raw, visit, (error) => {
        request.log.error(error);
        answerPlainly(error, reply.raw);
      });
    });

    fastify.addHook('onError', async (request, _reply, error) => {
      visits.get(request)?.abandon();
      if (isSessionError(error) || isStoreError(error)) failures.set(request, error);
    });

    fastify.addHook('onSend', async (request, reply, payload) => {
      try {
        await visits.get(request)?.commit(payload instanceof Response ? payload.status : reply.statusCode);
        return plainly(failures.get(request), payload);
      } catch (error) {
        await withdraw(reply, payload, statusOf(error));
        throw withStatus(error);
      }
    });
  }
  return Object.assign(plugin, pluginMarks);
}

/**
 * What `fastify-plugin` would put on it: the hooks are for the context that registers the plugin, not for one of its
 * own.
 */
const pluginMarks = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@stet/http',
  [Symbol.for('plugin-meta')]: { name: '@stet/http', fastify: '5.x' },
};

/**
 * What Fastify itself answers to an error has its message and code: of ours nothing but the status. An error handler's
 * answer stays as it is.
 */
function plainly(error: SessionError | StoreError | undefined, payload: unknown): unknown {
  if (!error) return payload;
  const { status, code, message } = error;
  const reason = STATUS_CODES[status];
  const own = JSON.stringify({ statusCode: status, code, error: reason, message });
  return payload === own ? JSON.stringify({ statusCode: status, error: reason, message: reason }) : payload;
}

/** Takes back what was to be sent, and what was said of it. */
async function withdraw(reply: FastifyReply, payload: unknown, status: number): Promise<void> {
  forgetContent(Object.keys(reply.getHeaders()), (name) => reply.removeHeader(name));
  reply.code(status);
  await discardContent(payload);
}
