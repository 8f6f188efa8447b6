import { assertKnownOptions, isToken } from '@stet/core';
import { parseCookie, type SetCookie, stringifySetCookie } from 'cookie';

/** How the cookie that carries a session's token is set. It is always `HttpOnly`. */
export interface CookieOptions {
  /** Default `__Host-sid`, which browsers accept from this host alone; `sid` where `secure` is off. */
  readonly name?: string;
  /** Sent over HTTPS only. Default true; turn it off for development over plain HTTP. */
  readonly secure?: boolean;
  /** Which requests from other sites carry the cookie. Default `'lax'`: top-level navigation alone. */
  readonly sameSite?: 'lax' | 'none' | 'strict';
  /** The paths it is sent to. Default `/`; another one needs a `name` without the prefix `__Host-`. */
  readonly path?: string;
  /**
   * The domain whose hosts all get it. Default none: this host alone; a domain needs a `name` without the prefix
   * `__Host-`.
   */
  readonly domain?: string;
  /**
   * Whether it outlives the browser, until the session ends, unless `session.lifetime` says otherwise. Default false
   * (NIST SP 800-63B 5.1.1 advises against it).
   */
  readonly persistent?: boolean;
  /**
   * A separate cookie for each top-level site that embeds this one (CHIPS). Needs `sameSite: 'none'` and a `__Host-`
   * name.
   */
  readonly partitioned?: boolean;
}

/** What holds for the cookies of all sessions. */
export interface CookieAttributes {
  readonly secure: boolean;
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: 'lax' | 'none' | 'strict';
  readonly persistent: boolean;
}

/** Reads and writes the one cookie of an application's sessions. */
export interface SessionCookie {
  readonly attributes: CookieAttributes;
  readonly persistent: boolean;
  /**
   * The first well-formed token under the cookie's name in a `Cookie` header, but for those excepted. Whatever else is
   * in there is ignored.
   */
  read(header: string | null | undefined, except?: readonly string[]): string | undefined;
  /**
   * The `Set-Cookie` value that hands out a token, until the browser is closed or, where it is `persistent`, until the
   * session ends.
   */
  issue(token: string, expiresAt: number, persistent: boolean): string;
  /** The `Set-Cookie` value that takes it away. */
  clear(): string;
}

const names = ['name', 'secure', 'sameSite', 'path', 'domain', 'persistent', 'partitioned'] satisfies ReadonlyArray<
  keyof CookieOptions
>;

/** RFC 6265bis 4.1.1: a cookie's name is a token of RFC 9110. */
const nameGrammar = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Browsers ignore a longer cookie, attributes included (RFC 6265bis 5.6 and the limits before it). */
const mostBytes = 4_096;

/**
 * Checks the options and fills in their defaults. A combination that browsers would refuse, or that is unsafe, throws a
 * `TypeError`.
 */
export function sessionCookie(options: CookieOptions = {}): SessionCookie {
  const { secure = true, sameSite = 'lax', path = '/', domain, persistent = false, partitioned = false } = options;
  const { name = secure ? '__Host-sid' : 'sid' } = options;
  assertKnownOptions(options, names, 'cookie');
  assertUsable({ name, secure, sameSite, path, domain, partitioned });
  const attributes: Omit<SetCookie, 'value'> = {
    name,
    path,
    ...(domain !== undefined && { domain }),
    httpOnly: true,
    secure,
    sameSite,
    partitioned,
  };
  const clearing = stringifySetCookie({ ...attributes, value: '', maxAge: 0, expires: new Date(0) });
  if (clearing.length > mostBytes) throw new TypeError(`The cookie has more than ${mostBytes} bytes: shorten it.`);
  return {
    attributes: { secure, path, domain, sameSite, persistent },
    persistent,
    read(header, except = []) {
      if (!header) return undefined;
      const decode = (value: string) => (isToken(value) && !except.includes(value) ? value : undefined);
      return parseCookie(header, { decode })[name];
    },
    issue(token, expiresAt, isPersistent) {
      const maxAge = Math.max(0, Math.ceil((expiresAt - Date.now()) / 1_000));
      return stringifySetCookie({ ...attributes, value: token, ...(isPersistent && { maxAge }) });
    },
    clear: () => clearing,
  };
}

interface Checked {
  readonly name: string;
  readonly secure: boolean;
  readonly sameSite: string;
  readonly path: string;
  readonly domain: string | undefined;
  readonly partitioned: boolean;
}

/** RFC 6265bis 4.1.3 (prefixes, which browsers match in any case), 5.6 (`SameSite=None`), and the draft of CHIPS. */
function assertUsable({ name, secure, sameSite, path, domain, partitioned }: Checked): void {
  const isHost = /^__host-/i.test(name);
  refuseIf(
    !nameGrammar.test(name),
    `The name of a cookie has only letters, digits and !#$%&'*+-.^_\`|~, not "${name}".`,
  );
  refuseIf(!['lax', 'none', 'strict'].includes(sameSite), `sameSite is 'lax', 'strict' or 'none', not '${sameSite}'.`);
  refuseIf(!path.startsWith('/'), `The path of a cookie begins with a slash, not "${path}".`);
  refuseIf(
    isHost && (domain !== undefined || path !== '/'),
    `Browsers refuse ${name} with a domain or with a path other than "/": leave them out, or use the name "__Secure-sid".`,
  );
  refuseIf(
    !secure && /^__(host|secure|http)-/i.test(name),
    `Browsers refuse ${name} unless it is secure: set secure: true, or use a name without the prefix.`,
  );
  refuseIf(
    !secure && sameSite === 'none',
    `Browsers refuse sameSite: 'none' unless the cookie is secure: set secure: true.`,
  );
  refuseIf(
    partitioned && !(isHost && sameSite === 'none'),
    `A partitioned cookie needs secure: true, sameSite: 'none' and a name that begins with "__Host-".`,
  );
}

function refuseIf(isWrong: boolean, message: string): void {
  if (isWrong) throw new TypeError(message);
}
