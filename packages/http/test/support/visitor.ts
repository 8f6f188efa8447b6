/** A browser, as far as one cookie goes: it keeps what it is given and sends it back. */
export class Visitor {
  readonly #origin: string;
  cookie: string | undefined;

  constructor(origin: string, cookie?: string) {
    this.#origin = origin;
    this.cookie = cookie;
  }

  /** Another tab, or a request that is on its way already: the cookie as it is now. */
  twin(): Visitor {
    return new Visitor(this.#origin, this.cookie);
  }

  async get(path: string): Promise<Response> {
    const response = await fetch(`${this.#origin}${path}`, {
      redirect: 'manual',
      headers: this.cookie ? { cookie: this.cookie } : {},
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      this.cookie = attributes.includes('Max-Age=0') ? undefined : pair;
    }
    return response;
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text();
  }
}
