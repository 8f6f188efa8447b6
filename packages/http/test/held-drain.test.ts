import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { MemoryStore, Sessions } from '@stet/core';
import { listening } from '@stet/visitors';
import compression from 'compression';
import { expect, test } from 'vitest';
import { withSession } from '../src/bindings/node.ts';
import { ask } from './support/held-server.ts';

const wraps: ReadonlyArray<readonly [name: string, wrap: ReturnType<typeof compression>]> = [
  ['nothing', (_request, _response, next) => next()],
  // It takes at once what the gate has asked to wait for, so that nothing but the gate can say when to go on.
  ['a compressing wrapper with a greater buffer', compression({ highWaterMark: 1_000_000 } as object)],
];

test.each(wraps)(
  'whoever was asked to wait by a held response is told to go on, with %s around it',
  async (_, wrap) => {
    const seen: unknown[] = [];
    const next = Promise.withResolvers<void>();
    const listener = withSession(
      new Sessions({ store: new MemoryStore() }),
      {},
      async (_request, response, session) => {
        session.data.visited = true;
        response.setHeader('Content-Type', 'text/plain');
        seen.push(response.write('x'.repeat(response.writableHighWaterMark)));
        response.on('drain', () => seen.push('drain'));
        (response as ServerResponse & { flush?(): void }).flush?.();
        await next.promise;
        response.end('end');
      },
    );
    const origin = await listening((request: IncomingMessage, response: ServerResponse) => {
      wrap(request as never, response as never, () => void listener(request, response));
    });
    const response = await ask(origin, { headers: { 'accept-encoding': 'gzip' } });
    next.resolve();
    const isZipped = response.headers['content-encoding'] === 'gzip';
    expect(await text(isZipped ? response.pipe(createGunzip()) : response)).toMatch(/^x+end$/);
    expect(seen).toEqual([false, 'drain']);
  },
);
