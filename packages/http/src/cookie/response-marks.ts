/** What a response tells the browser, and caches on the way, about its session. */
export interface ResponseMarks {
  readonly setCookie: string | undefined;
  /** The session was read: another visitor gets another response. */
  readonly variesByCookie: boolean;
}

/** The part of `Headers` that marking needs, so that each kind of response can offer it. */
export interface ResponseHeaders {
  get(name: string): string | null;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
}

/** Puts the marks beside whatever headers the application has set. Marking twice is the same as once. */
export function markResponse(headers: ResponseHeaders, { setCookie, variesByCookie }: ResponseMarks): void {
  if (setCookie !== undefined) {
    if (!headers.get('Set-Cookie')?.includes(setCookie)) headers.append('Set-Cookie', setCookie);
    // A cache that kept this response would hand the token to others (OWASP Session Management, "Web Content Caching"):
    // whatever the application allows caches, also those that have a header of their own (RFC 9213), this is not for
    // them.
    if (!/(^|,)\s*no-store\s*(,|$)/i.test(headers.get('Cache-Control') ?? '')) headers.set('Cache-Control', 'no-store');
    for (const name of ['CDN-Cache-Control', 'Surrogate-Control']) {
      if (headers.get(name) !== null) headers.set(name, 'no-store');
    }
  }
  if (variesByCookie) {
    const vary = headers.get('Vary');
    if (!vary) headers.set('Vary', 'Cookie');
    else if (!/(^|,)\s*(cookie|\*)\s*(,|$)/i.test(vary)) headers.set('Vary', `${vary}, Cookie`);
  }
}
