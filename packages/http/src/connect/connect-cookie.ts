import type { Session } from '@stet/core';
import type { CookieAttributes } from '../cookie/session-cookie.ts';

/**
 * `request.session.cookie` as express-session has it. Its age is that of the session: to set it gives the session a
 * lifetime of its own, which is kept with it. The attributes are those of the middleware's options, for all sessions.
 */
export class ConnectCookie {
  readonly #sessionNow: () => Session;
  readonly #attributes: CookieAttributes;

  constructor(sessionNow: () => Session, attributes: CookieAttributes) {
    this.#sessionNow = sessionNow;
    this.#attributes = attributes;
  }

  /**
   * How long the session and its cookie live unless used again, in milliseconds; `null` for a cookie that ends with the
   * browser.
   */
  get originalMaxAge(): number | null {
    const { idleTimeoutMs = 0 } = this.#sessionNow().lifetime;
    return this.#isPersistent ? idleTimeoutMs : null;
  }

  /** How long they still live, in milliseconds. */
  get maxAge(): number | null {
    const { originalMaxAge } = this;
    const { expiresAt } = this.#sessionNow();
    return originalMaxAge === null || expiresAt === undefined ? originalMaxAge : expiresAt - Date.now();
  }

  /** A number of milliseconds above 0, or `null` for a cookie that ends with the browser. */
  set maxAge(ms: number | null | undefined) {
    const session = this.#sessionNow();
    if (typeof ms === 'number') session.lifetime = { idleTimeoutMs: Math.round(ms), persistent: true };
    else session.lifetime = this.#attributes.persistent ? { persistent: false } : undefined;
  }

  get expires(): Date | null {
    const { maxAge } = this;
    return maxAge === null ? null : new Date(Date.now() + maxAge);
  }

  set expires(end: Date | null | false | undefined) {
    this.maxAge = end instanceof Date ? end.getTime() - Date.now() : null;
  }

  get httpOnly(): true {
    return true;
  }

  get secure(): boolean {
    return this.#attributes.secure;
  }

  get path(): string {
    return this.#attributes.path;
  }

  get domain(): string | undefined {
    return this.#attributes.domain;
  }

  get sameSite(): string {
    return this.#attributes.sameSite;
  }

  toJSON(): object {
    const { originalMaxAge, expires, httpOnly, secure, path, domain, sameSite } = this;
    return { originalMaxAge, expires, httpOnly, secure, path, domain, sameSite };
  }

  get #isPersistent(): boolean {
    return this.#sessionNow().lifetime.persistent ?? this.#attributes.persistent;
  }
}
