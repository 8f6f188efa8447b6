export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly setCookie: readonly string[];
  readonly text: string;
}

/** However a site says that a cookie is over. */
const takenAway = /; (Max-Age=0|Expires=Thu, 01 Jan 1970)\b/i;

/** A browser, as far as one cookie goes: it keeps what it is given and sends it back. */
export class Visitor {
  readonly origin: string;
  cookie: string | undefined;

  constructor(origin: string, cookie?: string) {
    this.origin = origin;
    this.cookie = cookie;
  }

  /** Another tab, or a request that is on its way already, perhaps to another server: the cookie as it is now. */
  twin(origin: string = this.origin): Visitor {
    return new Visitor(origin, this.cookie);
  }

  /** Resolves when the response has ended: express-session sends its head before it saves. */
  async get(path: string): Promise<Answer> {
    const response = await fetch(`${this.origin}${path}`, {
      redirect: 'manual',
      headers: this.cookie ? { cookie: this.cookie } : {},
    });
    const { status, headers } = response;
    const setCookie = headers.getSetCookie();
    for (const line of setCookie) this.cookie = takenAway.test(line) ? undefined : line.split(';', 1)[0];
    return { status, headers, setCookie, text: await response.text() };
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text;
  }

  async json(path: string): Promise<unknown> {
    return JSON.parse(await this.text(path));
  }
}
