import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { generateToken, MemoryStore, Sessions } from '@stet/core';
import { listening } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { sessionMiddleware } from '../src/bindings/express.ts';
import { sessionPlugin } from '../src/bindings/fastify.ts';
import { withSession as withFetchSession } from '../src/bindings/fetch.ts';
import { sessionMiddleware as honoMiddleware } from '../src/bindings/hono.ts';
import { sessionMiddleware as koaMiddleware } from '../src/bindings/koa.ts';
import { sessionFinder, withSession } from '../src/bindings/node.ts';
import { type CookieOptions, sessionCookie } from '../src/cookie/session-cookie.ts';
import { type App, type Binding, bindings } from './support/bindings.ts';

const token = generateToken();
const soon = Date.now() + 60_000;

describe('the cookie', () => {
  test.each<[CookieOptions, string]>([
    [{}, `__Host-sid=${token}; Path=/; HttpOnly; Secure; SameSite=Lax`],
    [{ secure: false }, `sid=${token}; Path=/; HttpOnly; SameSite=Lax`],
    [{ persistent: true }, `__Host-sid=${token}; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax`],
    [
      { name: '__Secure-shop', domain: 'example.org', path: '/shop', sameSite: 'strict' },
      `__Secure-shop=${token}; Domain=example.org; Path=/shop; HttpOnly; Secure; SameSite=Strict`,
    ],
    [
      { sameSite: 'none', partitioned: true },
      `__Host-sid=${token}; Path=/; HttpOnly; Secure; Partitioned; SameSite=None`,
    ],
  ])('of %o', (options, expected) => {
    expect(sessionCookie(options).issue(token, soon, options.persistent ?? false)).toBe(expected);
  });

  test('is taken away with the attributes that it was given with', () => {
    expect(sessionCookie({ name: 's', domain: 'example.org', path: '/shop' }).clear()).toBe(
      's=; Max-Age=0; Domain=example.org; Path=/shop; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
    );
  });
});

const bindingFunctions = [
  sessionMiddleware,
  sessionPlugin,
  koaMiddleware,
  honoMiddleware,
  withSession,
  withFetchSession,
  sessionFinder,
];

describe('options that browsers would refuse, or that are unsafe', () => {
  test.each<[CookieOptions, RegExp]>([
    [{ domain: 'example.org' }, /use the name "__Secure-sid"/],
    [{ path: '/shop' }, /use the name "__Secure-sid"/],
    [{ name: '__Host-sid', secure: false }, /set secure: true/],
    [{ name: '__host-sid', secure: false }, /set secure: true/],
    [{ name: '__Secure-sid', secure: false }, /set secure: true/],
    [{ name: '__Http-sid', secure: false }, /set secure: true/],
    [{ name: '__Host-Http-sid', path: '/shop' }, /leave them out/],
    [{ sameSite: 'none', secure: false }, /set secure: true/],
    [{ sameSite: 'Lax' as 'lax' }, /'lax', 'strict' or 'none'/],
    [{ partitioned: true }, /sameSite: 'none'/],
    [{ partitioned: true, sameSite: 'none', name: 'sid' }, /"__Host-"/],
    [{ name: '' }, /name of a cookie/],
    [{ name: 'a b' }, /name of a cookie/],
    [{ name: 'a;b' }, /name of a cookie/],
    [{ name: 'a=b' }, /name of a cookie/],
    [{ name: 'é' }, /name of a cookie/],
    [{ name: 's', path: 'shop' }, /begins with a slash/],
    [{ name: 's', path: '/;x' }, /path is invalid/],
    [{ name: 's', domain: 'a b' }, /domain is invalid/],
    [{ name: 's'.repeat(4_096) }, /shorten it/],
  ])('%o throw at start-up', (cookie, message) => {
    const sessions = new Sessions({ store: new MemoryStore() });
    for (const bind of bindingFunctions) {
      const start = () => (bind as (...args: unknown[]) => unknown)(sessions, { cookie }, () => {});
      expect(start).toThrow(TypeError);
      expect(start).toThrow(message);
    }
  });
});

const megabyte = 1_048_576;

/** `Cookie` headers in which there is no token to be found, each as the bytes of the header's value. */
const strange: ReadonlyArray<readonly [name: string, header: string]> = [
  ['nothing', ''],
  ['no pair', 'sid'],
  ['no name', `=${token}`],
  ['an empty value', 'sid='],
  ['a quoted value', `sid="${token}"`],
  ['a short token', `sid=${token.slice(1)}`],
  ['a long token', `sid=${token}x`],
  ['a percent-encoded token', `sid=%41${token.slice(1)}`],
  ['a broken percent-encoding', 'sid=%E0%A4%A'],
  ['a path', 'sid=../../../../etc/passwd'],
  ['UTF-8', Buffer.from('sid=Привет; é=è').toString('latin1')],
  ['bytes that are no UTF-8', 'sid=\xff\xfe\x80'],
  ['a prototype', '__proto__=1; constructor=2; hasOwnProperty=3'],
  ['another name', `SID=${token}; xsid=${token}; __Host-sid=${token}`],
  ['separators alone', '; ;; ,=;= ; ='],
];

/** Those that are large, and the shapes that a careless parser takes quadratic time for. */
const large: ReadonlyArray<readonly [name: string, header: string]> = [
  ['1 MB of value', `sid=${'x'.repeat(megabyte)}`],
  ['1 MB of name', `${'x'.repeat(megabyte)}=1`],
  ['1 MB of separators', ';'.repeat(megabyte)],
  ['1 MB of equals signs', '='.repeat(megabyte)],
  ['1 MB of small cookies', 'a=b;'.repeat(megabyte / 4)],
  ['1 MB of names alone, then a value', `${'a;'.repeat(megabyte / 2)}=`],
  ['1 MB of blanks', `sid=${' '.repeat(megabyte)}x`],
  ['1 MB of cookies of our name', 'sid=x;'.repeat(megabyte / 6)],
];

describe('a Cookie header', () => {
  const { read } = sessionCookie({ secure: false });

  test.each([...strange, ...large])('with %s names no session', (_, header) => {
    expect(read(header)).toBeUndefined();
  });

  test('may have other cookies around, and malformed ones of the same name before', () => {
    expect(read(`a=b; sid=stale; sid=${token}; sid=${generateToken()}; c`)).toBe(token);
    expect(read(`a=b;sid=${token}`)).toBe(token);
    expect(read(` \tsid = ${token} `)).toBe(token);
  });

  describe.each(bindings)('%s', (_, bind) => {
    test.each(strange)('with %s is answered like none at all', async (_, header) => {
      const origin = await listening(visits(bind));
      expect(await askRaw(origin, header)).toMatch(answered);
    });

    test.each(large)('with %s is harmless where Node.js lets it through', async (_, header) => {
      const generous = await listening(visits(bind), { maxHeaderSize: 2 * megabyte });
      expect(await askRaw(generous, header)).toMatch(answered);
    });

    test('may come twice in one request', async () => {
      const sessions = new Sessions({ store: new MemoryStore() });
      const session = await sessions.open();
      session.data.user = 'ada';
      await session.save();
      const origin = await listening(visits(bind, sessions));
      expect(await askRaw(origin, `a=b\r\nCookie: sid=${session.token}`)).toContain('data: {"user":"ada"}.');
    });
  });
});

/** The whole answer to a visitor without a session: one line, in however many chunks. */
const answered = /^HTTP\/1.1 200 [\s\S]*data: {}\.\s*(0\s*)?$/;

function visits(bind: Binding, sessions = new Sessions({ store: new MemoryStore() })) {
  const app: App = (session) => `data: ${JSON.stringify(session.data)}.`;
  return bind(sessions, app, { cookie: { secure: false } });
}

/** What a server answers to a `Cookie` header of these bytes, which no well-behaved client would send. */
async function askRaw(origin: string, header: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.write(
    Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${header}\r\n\r\n`, 'latin1'),
  );
  return text(socket);
}
