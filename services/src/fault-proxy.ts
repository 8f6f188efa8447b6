import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to the traffic from now on. */
export type Fault =
  | 'none'
  /** Connections are closed, new ones refused. */
  | 'refuse'
  /** Connections stand, and new ones are accepted, but nothing passes until another fault is set. */
  | 'stall'
  /** Requests reach the server; its replies do not pass until another fault is set. */
  | 'stall replies'
  /** Whatever is sent, either way, arrives that much later. */
  | { readonly delayMs: number }
  /** Once: so many bytes more of requests pass, then their connection is cut; the others are left alone. */
  | { readonly cutRequestAfter: number }
  /**
   * Once: requests reach the server and so many bytes more of its replies pass (of those to certain requests), then
   * their connection is cut.
   */
  | { readonly cutReplyAfter: number; readonly to?: RegExp }
  /**
   * Once: a request that matches, and what follows it on its connection, arrives when the next fault is set, even if
   * its client has left. With `cut` that client's connection is cut at once.
   */
  | { readonly late: RegExp; readonly cut?: boolean };

/** What went over a connection from one request to the next: one round trip, however many commands it has. */
export interface Exchange {
  readonly request: Buffer;
  readonly reply: Buffer;
}

/** A TCP proxy in this process that stands between a client and its server. */
export interface FaultProxy {
  /** Where clients connect, on 127.0.0.1. */
  readonly port: number;
  /** All round trips since the start or the last `forget`, in the order in which they began. */
  readonly exchanges: readonly Exchange[];
  forget(): void;
  /** What is set. A fault that comes once is `'none'` after it. */
  readonly fault: Fault;
  /** Resolves once the fault is in force. */
  set(fault: Fault): Promise<void>;
  /** Cuts the connections that there are. */
  cut(): void;
  /** Leads connections that are made from now on to another server. */
  leadTo(serverPort: number): void;
  /** Cuts all connections and ends the proxy. */
  close(): Promise<void>;
}

type Direction = 'request' | 'reply';

/** Starts a proxy in front of a server. */
export async function startFaultProxy(serverPort: number, host = '127.0.0.1'): Promise<FaultProxy> {
  let leadsTo = serverPort;
  let fault: Fault = 'none';
  let change = Promise.withResolvers<void>();
  let exchanges: Array<Record<Direction, Buffer>> = [];
  const sockets = new Set<Socket>();

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, async (client) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client)).on('error', () => client.destroy());
    while (fault === 'stall') await change.promise;
    if (client.destroyed) return;
    const server = connect({ port: leadsTo, host, allowHalfOpen: true, noDelay: true });
    const cut = (): void => {
      for (const socket of [client, server]) socket.destroy();
    };
    sockets.add(server);
    server.once('close', () => sockets.delete(server));
    for (const socket of [client, server]) socket.on('error', cut);
    const record = recorder((exchange) => exchanges.push(exchange));
    pump('request', client, server, record).catch(cut);
    pump('reply', server, client, record).catch(cut);
  });

  const listen = async (port: number): Promise<void> => {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
  };
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const hangUp = async (): Promise<void> => {
    const closed = once(listener, 'close');
    listener.close();
    cutAll();
    await closed;
  };

  async function pump(
    direction: Direction,
    from: Socket,
    to: Socket,
    record: (direction: Direction, bytes: Buffer) => Exchange,
  ): Promise<void> {
    // One side may say that it has no more to send and still be answered.
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const exchange = record(direction, chunk);
      if (isLate(direction, chunk)) {
        if (typeof fault === 'object' && 'cut' in fault) from.destroy();
        fault = 'none';
        await change.promise;
      }
      if (typeof fault === 'object' && 'delayMs' in fault) await sleep(fault.delayMs);
      while (isHeld(direction)) await change.promise;
      const left = bytesLeft(direction, exchange);
      if (left === undefined || left > chunk.length) {
        if (left !== undefined) countDown(chunk.length);
        to.write(chunk);
        // What its client sent before it was cut off is for the server still.
        if (from.destroyed) return;
      } else {
        fault = 'none';
        to.write(chunk.subarray(0, left), () => {
          from.destroy();
          to.destroy();
        });
        return;
      }
    }
    to.end();
  }

  const isHeld = (direction: Direction): boolean =>
    fault === 'stall' || (fault === 'stall replies' && direction === 'reply');

  const isLate = (direction: Direction, chunk: Buffer): boolean =>
    direction === 'request' &&
    typeof fault === 'object' &&
    'late' in fault &&
    fault.late.test(chunk.toString('latin1'));

  const bytesLeft = (direction: Direction, { request }: Exchange): number | undefined => {
    if (typeof fault !== 'object') return undefined;
    if (direction === 'request' && 'cutRequestAfter' in fault) return fault.cutRequestAfter;
    if (direction === 'request' || !('cutReplyAfter' in fault)) return undefined;
    return fault.to && !fault.to.test(request.toString('latin1')) ? undefined : fault.cutReplyAfter;
  };

  const countDown = (bytes: number): void => {
    if (typeof fault !== 'object') return;
    if ('cutRequestAfter' in fault) fault = { cutRequestAfter: fault.cutRequestAfter - bytes };
    else if ('cutReplyAfter' in fault) fault = { ...fault, cutReplyAfter: fault.cutReplyAfter - bytes };
  };

  await listen(0);
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    get exchanges() {
      return exchanges;
    },
    forget() {
      exchanges = [];
    },
    get fault() {
      return fault;
    },
    async set(next) {
      fault = next;
      change.resolve();
      change = Promise.withResolvers();
      if (next === 'refuse' && listener.listening) await hangUp();
      if (next !== 'refuse' && !listener.listening) await listen(port);
    },
    cut: cutAll,
    leadTo(port) {
      leadsTo = port;
    },
    async close() {
      fault = 'none';
      change.resolve();
      if (listener.listening) await hangUp();
    },
  };
}

/** Takes down what goes over one connection, a new exchange with each request that follows a reply. */
function recorder(
  begin: (exchange: Record<Direction, Buffer>) => void,
): (direction: Direction, bytes: Buffer) => Exchange {
  let exchange: Record<Direction, Buffer> | undefined;
  return (direction, bytes) => {
    if (!exchange || (direction === 'request' && exchange.reply.length > 0)) {
      exchange = { request: Buffer.alloc(0), reply: Buffer.alloc(0) };
      begin(exchange);
    }
    exchange[direction] = Buffer.concat([exchange[direction], bytes]);
    return exchange;
  };
}
