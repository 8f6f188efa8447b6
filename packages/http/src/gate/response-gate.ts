import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Hold, lockHead, refuseChange } from './head-lock.ts';
import { foldIn, type HeadFields, hasReason } from './node-headers.ts';

/** What is done at the gate of a response. */
export interface GateDuties {
  /**
   * Called once, before the head of a response with this status leaves: the response waits for it. `undefined`: it need
   * not.
   */
  beforeHead(status: number): Promise<void> | undefined;
  /** Called right before the head leaves: the last moment to set headers. */
  markHead(): void;
  /**
   * `beforeHead` failed, or what was written meanwhile cannot be sent. It was dropped, and another response may be
   * given, unless `headersSent` says that the failure came too late for that.
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
  /** What a compressing wrapper adds to send what it has so far. */
  readonly flush?: Call;
}

/** What was written to a response while it was held back. */
interface Held {
  readonly name: keyof Senders;
  readonly args: readonly unknown[];
}

/**
 * Holds the first byte of a response back until `beforeHead` has settled. What is written meanwhile is sent in order
 * afterwards; more than fits into the response's buffer is asked to wait for `drain`, as with a slow client. Interim
 * responses (1xx) pass.
 */
export function gateResponse(response: ServerResponse, duties: GateDuties): void {
  const gate = new ResponseGate(response, duties);
  response.writeHead = (...args: unknown[]) => gate.writeHead(args);
  response.write = (...args: unknown[]) => gate.send('write', args) as boolean;
  response.end = (...args: unknown[]) => gate.send('end', args) as ServerResponse;
  response.flushHeaders = () => void gate.send('flushHeaders', []);
  if (Object.hasOwn(response, 'flush')) Object.assign(response, { flush: () => gate.flush() });
}

class ResponseGate implements Hold {
  readonly #response: ServerResponse;
  readonly #senders: Senders;
  readonly #on: Call;
  readonly #duties: GateDuties;
  #state: 'untouched' | 'holding' | 'open' | 'failed' = 'untouched';
  #held: Held[] = [];
  #heldBytes = 0;
  #askedToWait = false;
  #failure: unknown;
  hasEnded = false;

  constructor(response: ServerResponse, duties: GateDuties) {
    const { writeHead, write, end, flushHeaders, on, flush } = response as ServerResponse & { flush?: Call };
    this.#response = response;
    this.#senders = { writeHead, write, end, flushHeaders, ...(flush && { flush }) };
    this.#on = on;
    this.#duties = duties;
  }

  writeHead(args: readonly unknown[]): ServerResponse {
    if (this.#state === 'holding') return refuseChange();
    if (this.#state !== 'untouched') return this.send('writeHead', args) as ServerResponse;
    const [status, ...rest] = args;
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined;
    const fields = reason === undefined ? (rest[1] ?? rest[0]) : rest[1];
    if (fields) foldIn(this.#response, fields as HeadFields);
    this.#response.statusCode = status as number;
    if (reason !== undefined && hasReason(this.#response)) this.#response.statusMessage = reason;
    return this.send('writeHead', [status]) as ServerResponse;
  }

  send(name: keyof Senders, args: readonly unknown[]): unknown {
    if (this.#state === 'untouched') this.#begin();
    if (this.#state === 'open') return this.#pass({ name, args });
    if (this.#state === 'failed') return this.#drop({ name, args });
    this.#held.push({ name, args });
    if (name === 'write') return this.#hasRoomAfter(args[0]);
    if (name === 'end') this.hasEnded = true;
    return this.#response;
  }

  /** What was flushed while it was held is flushed when it is sent: nothing may follow for a long time. */
  flush(): void {
    if (this.#state === 'holding') this.#held.push({ name: 'flush', args: [] });
    else this.#pass({ name: 'flush', args: [] });
  }

  #hasRoomAfter(chunk: unknown): boolean {
    this.#heldBytes += (chunk as Uint8Array | string | null)?.length ?? 0;
    const hasRoom = this.#heldBytes < this.#response.writableHighWaterMark;
    if (!hasRoom) this.#askedToWait = true;
    return hasRoom;
  }

  #begin(): void {
    const work = this.#duties.beforeHead(this.#response.statusCode);
    if (work) this.#hold(work);
    else this.#open();
  }

  #hold(work: Promise<void>): void {
    this.#state = 'holding';
    const response = this.#response;
    const { statusCode } = response;
    const reason = hasReason(response) ? response.statusMessage : undefined;
    const unlock = lockHead(response, this);
    const unhold = (): void => {
      unlock();
      // Changed after the head was given, so it would have had no effect.
      response.statusCode = statusCode;
      if (hasReason(response)) response.statusMessage = reason as string;
    };
    work
      .then(
        () => {
          unhold();
          this.#release();
        },
        (error: unknown) => {
          unhold();
          this.#fail(error);
        },
      )
      .catch((error: unknown) => this.#fail(error));
  }

  #open(): void {
    this.#state = 'open';
    this.#duties.markHead();
  }

  #release(): void {
    this.#open();
    let hasRoom = true;
    for (let call = this.#held.shift(); call; call = this.#held.shift()) {
      const went = this.#pass(call);
      if (call.name === 'write') hasRoom = went !== false;
    }
    // Where the last write had no room, what it filled tells when it is empty.
    if (this.#askedToWait && hasRoom && !this.hasEnded) process.nextTick(() => this.#emitDrain());
  }

  /** A compressing wrapper keeps those who wait for `drain` on its own stream: they are where `on` leads. */
  #emitDrain(): void {
    const nobody = (): void => {};
    const emitter: EventEmitter = this.#on.call(this.#response, 'drain', nobody);
    emitter.removeListener('drain', nobody);
    emitter.emit('drain');
  }

  #fail(error: unknown): void {
    this.#state = 'failed';
    this.#failure = error;
    for (const call of this.#held.splice(0)) this.#drop(call);
    this.#startAnew();
    this.#duties.onFailure(error);
  }

  /**
   * Wrappers put around the gate, such as a compressing one, have begun the response that is not sent: the next one
   * goes past them. A handler that does not know yet goes on writing; what comes after that response's end has nowhere
   * to go.
   */
  #startAnew(): void {
    const passUntilEnd =
      (name: 'write' | 'end') =>
      (...args: unknown[]) =>
        this.#response.writableEnded ? this.#drop({ name, args }) : this.#pass({ name, args });
    Object.assign(this.#response, this.#senders, { write: passUntilEnd('write'), end: passUntilEnd('end') });
  }

  #pass({ name, args }: Held): unknown {
    return this.#senders[name]?.apply(this.#response, args as unknown[]);
  }

  #drop({ name, args }: Held): unknown {
    const callback = args.at(-1);
    if (typeof callback === 'function') process.nextTick(callback as (error: unknown) => void, this.#failure);
    return name === 'write' ? false : this.#response;
  }
}
