import { setTimeout as sleep } from 'node:timers/promises';
import { Visitor } from '@stet/visitors';

/** A visitor of the shop who remembers what it said it has kept, and comes again where nobody answers. */
export class Shopper {
  readonly user: string;
  readonly #visitor: Visitor;
  /** What was acknowledged, and by which store. */
  readonly kept: Map<string, string> = new Map();
  /** Whatever the shop said to a visitor who is logged in, other than that it knows it. */
  readonly surprises: string[] = [];

  constructor(origin: string, user: string) {
    this.user = user;
    this.#visitor = new Visitor(origin);
  }

  get cookie(): string | undefined {
    return this.#visitor.cookie;
  }

  /** One tab: puts one thing after the other into the cart, until told to stop. */
  async shop(tab: string, signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n += 1) {
      const item = `${tab}-${n}`;
      const text = await this.get(`/add/${item}`);
      const { user, store } = text.startsWith('{') ? JSON.parse(text) : {};
      if (user !== this.user) this.surprises.push(text);
      else this.kept.set(item, store);
    }
  }

  /** How much the store has acknowledged. */
  keptBy(store: string): number {
    return Array.from(this.kept.values()).filter((keeper) => keeper === store).length;
  }

  async get(path: string): Promise<string> {
    for (;;) {
      try {
        return await this.#visitor.text(path);
      } catch {
        await sleep(5);
      }
    }
  }
}
