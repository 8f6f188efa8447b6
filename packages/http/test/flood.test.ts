import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { MemoryStore, Sessions } from '@stet/core';
import { interceptedStore, listening } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { type App, bindings } from './support/bindings.ts';

/** Through each binding: 100,000 in all. */
const requests = 100_000 / bindings.length;
const connections = 50;

/** Reads its session, as a page for a visitor without one does. */
const app: App = (session) => `items: ${(session.data.cart as string[] | undefined)?.length ?? 0}`;

function countedSessions() {
  const traffic = { operations: 0 };
  const store = interceptedStore(new MemoryStore(), () => {
    traffic.operations += 1;
  });
  return { sessions: new Sessions({ store }), traffic };
}

describe('visitors without a cookie', () => {
  test.each(bindings)(
    `%s: ${requests} requests over ${connections} connections cause no store traffic and no cookie`,
    async (_, bind) => {
      const { sessions, traffic } = countedSessions();
      const origin = await listening(bind(sessions, app));
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      const answers = { sent: 0, cookies: 0, right: 0 };
      const visit = async () => {
        while (answers.sent < requests) {
          answers.sent += 1;
          const response = await new Promise<IncomingMessage>((resolve, reject) => {
            get(origin, { agent }, resolve).on('error', reject);
          });
          if (response.headers['set-cookie']) answers.cookies += 1;
          if ((await text(response)) === 'items: 0') answers.right += 1;
        }
      };
      await Promise.all(Array.from({ length: connections }, visit));
      agent.destroy();
      expect(answers).toEqual({ sent: requests, cookies: 0, right: requests });
      expect(traffic.operations).toBe(0);
    },
  );
});
