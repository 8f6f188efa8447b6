import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** A visitor of a site of pages, on a connection of its own that is kept, who notices when a change is lost. */
export class Visitor {
  readonly #origin: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #cookie = '';
  #changes = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async begin(): Promise<void> {
    const { headers } = await this.#get('/begin');
    this.#cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
    assert(this.#cookie, 'the visitor has a session');
  }

  async visit(page: string): Promise<void> {
    const { body } = await this.#get(page);
    if (page === '/change') this.#changes += 1;
    assert.equal(body, String(this.#changes), 'the page shows every change');
  }

  leave(): void {
    this.#agent.destroy();
  }

  async #get(path: string): Promise<{ headers: IncomingMessage['headers']; body: string }> {
    const request = get(this.#origin + path, { agent: this.#agent, headers: { cookie: this.#cookie } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    assert.equal(response.statusCode, 200, body);
    return { headers: response.headers, body };
  }
}
