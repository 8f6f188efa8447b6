/** A browser, as far as one cookie goes: it keeps what it is given and sends it back. */
export class Visitor {
  readonly #origin: string;
  cookie: string | undefined;

  constructor(origin: string, cookie?: string) {
    this.#origin = origin;
    this.cookie = cookie;
  }

  /** Another tab, or a request that is on its way already, perhaps to another server: the cookie as it is now. */
  twin(origin: string = this.#origin): Visitor {
    return new Visitor(origin, this.cookie);
  }

  async get(path: string): Promise<Response> {
    const headers: Record<string, string> = this.cookie ? { cookie: this.cookie } : {};
    const response = await fetch(`${this.#origin}${path}`, { redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) this.cookie = line.split(';', 1)[0];
    return response;
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text();
  }

  async json(path: string): Promise<unknown> {
    return (await this.get(path)).json();
  }
}
