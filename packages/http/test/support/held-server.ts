import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, type ServerResponse, request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { MemoryStore, Sessions } from '@stet/core';
import { Gate, interceptedStore, listening } from '@stet/visitors';
import { withSession } from '../../src/bindings/node.ts';

type Handler = (response: ServerResponse, request: IncomingMessage) => unknown;

/**
 * A server whose handler finds its session changed, so that its response waits for a save that the test lets through.
 */
export async function heldServer(handler: Handler, outcome?: Error): Promise<{ origin: string; gate: Gate }> {
  const gate = new Gate();
  const store = interceptedStore(new MemoryStore(), async (operation) => {
    if (operation !== 'create') return;
    await gate.pass();
    if (outcome) throw outcome;
  });
  const origin = await listening(
    withSession(new Sessions({ store }), { cookie: { secure: false } }, (request, response, session) => {
      session.data.visited = true;
      return handler(response, request);
    }),
  );
  return { origin, gate };
}

export async function ask(origin: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const [response] = await once(send(origin, { agent: false, ...options }).end(), 'response');
  return response;
}

/** Runs a handler behind a save that goes through once the handler has done all it does in one go. */
export async function answer(
  handler: Handler,
  options?: RequestOptions,
): Promise<{ response: IncomingMessage; body: string }> {
  const { origin, gate } = await heldServer(handler);
  const answered = ask(origin, options);
  await gate.reached;
  gate.open();
  const response = await answered;
  return { response, body: await text(response) };
}

/** The cookie of a held server's sessions. */
export const cookiePattern: RegExp = /^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/;
