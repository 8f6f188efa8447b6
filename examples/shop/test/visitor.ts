/** A browser as far as a shop can tell: it keeps cookies, sends forms and does not follow redirects by itself. */
export class Visitor {
  readonly #shop: string;
  readonly #userAgent: string;
  readonly #cookies = new Map<string, string>();

  constructor(shop: string, userAgent = 'test') {
    this.#shop = shop;
    this.#userAgent = userAgent;
  }

  get cookie(): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ');
  }

  set cookie(header: string) {
    this.#cookies.clear();
    this.#keep(header);
  }

  get(path: string): Promise<Response> {
    return this.send(path, {});
  }

  post(path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(path, { method: 'POST', body: new URLSearchParams(form), headers });
  }

  async send(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, cookie: this.cookie, connection: 'close', 'user-agent': this.#userAgent };
    const response = await fetch(new URL(path, this.#shop), { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return response;
  }

  async page(path: string): Promise<string> {
    return (await this.get(path)).text();
  }

  /** The quantities that the cart page shows, by product. */
  async cart(): Promise<Record<string, number>> {
    const fields = (await this.page('/cart')).matchAll(/id="quantity-([^"]+)"[^>]* value="(\d+)"/g);
    return Object.fromEntries(Array.from(fields, ([, sku, quantity]) => [sku, Number(quantity)]));
  }

  async isSignedIn(): Promise<boolean> {
    return (await this.page('/')).includes('action="/logout"');
  }

  async signIn(name: string, password: string): Promise<Response> {
    return this.post('/login', { name, password });
  }

  #keep(setCookie: string): void {
    const [, name = '', value = ''] = setCookie.match(/^([^=]+)=([^;]*)/) ?? [];
    if (value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
