import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { App } from '../support/bindings.ts';

/**
 * Session middleware as it is often made: load the whole session, let the handler change it, save the whole session
 * over whatever is there by then. The tests of overlap and logout have to catch it.
 */
export function lastWriteWins(app: App): RequestListener {
  const kept = new Map<string, string>();
  return async (request, response) => {
    let sid = /sid=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const loaded = kept.get(sid);
    if (loaded === undefined) sid = randomBytes(16).toString('hex');
    let isDestroyed = false;
    const data = JSON.parse(loaded ?? '{}');
    const session = {
      data,
      update: (key: string, updater: (value: unknown) => unknown) => {
        data[key] = updater(data[key]);
      },
      destroy: async () => {
        isDestroyed = true;
        kept.delete(sid);
      },
    };
    const answer = await app(session as never, new URL(request.url ?? '/', 'http://localhost'));
    if (!isDestroyed && JSON.stringify(data) !== (loaded ?? '{}')) kept.set(sid, JSON.stringify(data));
    response.setHeader('Set-Cookie', `sid=${sid}`);
    response.end(typeof answer === 'string' ? answer : answer.body);
  };
}
