import type { ServerResponse } from 'node:http';
import { lockHead, refuseChange } from './head-lock.ts';
import { foldIn, type HeadFields } from './node-headers.ts';

/** What is done at the gate of a response. */
export interface GateDuties {
  /** Called once, before the head of a response with this status leaves: the response waits for it. `undefined`: it need not. */
  beforeHead(status: number): Promise<void> | undefined;
  /** Called right before the head leaves: the last moment to set headers. */
  markHead(): void;
  /**
   * `beforeHead` failed, or what was written meanwhile cannot be sent. It was dropped, and another response may be given, unless
   * `headersSent` says that the failure came too late for that.
   */
  onFailure(error: unknown): void;
}

// biome-ignore lint/suspicious/noExplicitAny: overloads, passed on as they came.
type Call = (...args: any[]) => any;

interface Senders {
  readonly writeHead: Call;
  readonly write: Call;
  readonly end: Call;
  readonly flushHeaders: Call;
}

/** What was written to a response while it was held back. */
interface Held {
  readonly name: keyof Senders;
  readonly args: readonly unknown[];
}

/**
 * Holds the first byte of a response back until `beforeHead` has settled. What is written meanwhile is sent in order
 * afterwards; `write` asks for patience and `drain` follows, as with a slow client. Interim responses (1xx) pass.
 */
export function gateResponse(response: ServerResponse, duties: GateDuties): void {
  const { writeHead, write, end, flushHeaders } = response;
  const gate = new ResponseGate(response, { writeHead, write, end, flushHeaders }, duties);
  Object.assign(response, {
    writeHead: (...args: unknown[]) => gate.writeHead(args),
    write: (...args: unknown[]) => gate.send('write', args),
    end: (...args: unknown[]) => gate.send('end', args),
    flushHeaders: () => gate.send('flushHeaders', []),
  });
}

class ResponseGate {
  readonly #response: ServerResponse;
  readonly #senders: Senders;
  readonly #duties: GateDuties;
  #state: 'untouched' | 'holding' | 'open' | 'failed' = 'untouched';
  readonly #held: Held[] = [];
  #failure: unknown;

  constructor(response: ServerResponse, senders: Senders, duties: GateDuties) {
    this.#response = response;
    this.#senders = senders;
    this.#duties = duties;
  }

  writeHead(args: readonly unknown[]): unknown {
    if (this.#state === 'untouched') {
      const [status, ...rest] = args;
      const reason = typeof rest[0] === 'string' ? rest[0] : undefined;
      const fields = reason === undefined ? (rest[1] ?? rest[0]) : rest[1];
      if (fields) foldIn(this.#response, fields as HeadFields);
      this.#response.statusCode = status as number;
      if (reason !== undefined) this.#response.statusMessage = reason;
      return this.send('writeHead', [status]);
    }
    return this.#state === 'holding' ? refuseChange() : this.send('writeHead', args);
  }

  send(name: keyof Senders, args: readonly unknown[]): unknown {
    if (this.#state === 'untouched') this.#begin();
    if (this.#state === 'open') return this.#pass({ name, args });
    if (this.#state === 'failed') return this.#drop({ name, args });
    this.#held.push({ name, args });
    return name === 'write' ? false : this.#response;
  }

  #begin(): void {
    const work = this.#duties.beforeHead(this.#response.statusCode);
    if (!work) {
      this.#open();
      return;
    }
    const { statusCode, statusMessage } = this.#response;
    this.#state = 'holding';
    const unlock = lockHead(this.#response, () => this.#held.some(({ name }) => name === 'end'));
    work
      .finally(() => {
        unlock();
        // Changed after the head was given, so it would have had no effect.
        Object.assign(this.#response, { statusCode, statusMessage });
      })
      .then(() => this.#release())
      .catch((error: unknown) => this.#fail(error));
  }

  #open(): void {
    this.#state = 'open';
    this.#duties.markHead();
  }

  #release(): void {
    this.#open();
    let owesDrain = false;
    for (let call = this.#held.shift(); call; call = this.#held.shift()) {
      const went = this.#pass(call);
      // Every held write asked to wait. Where the last one went through at once, no other drain will come.
      owesDrain = call.name === 'write' ? went === true : owesDrain && call.name !== 'end';
    }
    if (owesDrain) process.nextTick(() => this.#response.emit('drain'));
  }

  #fail(error: unknown): void {
    this.#state = 'failed';
    this.#failure = error;
    for (const call of this.#held.splice(0)) this.#drop(call);
    this.#startAnew();
    this.#duties.onFailure(error);
  }

  /**
   * Wrappers put around the gate, such as a compressing one, have begun the response that is not sent: the next one goes past them.
   * A handler that does not know yet goes on writing; what comes after that response's end has nowhere to go.
   */
  #startAnew(): void {
    const { writeHead, flushHeaders } = this.#senders;
    const passUntilEnd =
      (name: 'write' | 'end') =>
      (...args: unknown[]) =>
        this.#response.writableEnded ? this.#drop({ name, args }) : this.#pass({ name, args });
    Object.assign(this.#response, { writeHead, write: passUntilEnd('write'), end: passUntilEnd('end'), flushHeaders });
  }

  #pass({ name, args }: Held): unknown {
    return this.#senders[name].apply(this.#response, args as unknown[]);
  }

  #drop({ name, args }: Held): unknown {
    const callback = args.at(-1);
    if (typeof callback === 'function') process.nextTick(callback as (error: unknown) => void, this.#failure);
    return name === 'write' ? false : this.#response;
  }
}
