export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly setCookie: readonly string[];
}

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

  /** Resolves when the response has ended: express-session sends its head before it saves. */
  async get(path: string): Promise<Answer> {
    const headers: Record<string, string> = this.cookie ? { cookie: this.cookie } : {};
    const response = await fetch(`${this.#origin}${path}`, { redirect: 'manual', headers });
    const setCookie = response.headers.getSetCookie();
    for (const line of setCookie) this.cookie = line.split(';', 1)[0];
    return { status: response.status, text: await response.text(), setCookie };
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text;
  }

  async json(path: string): Promise<unknown> {
    return JSON.parse(await this.text(path));
  }
}
