import type { ServerResponse } from 'node:http';

/** What is asked of a response that is held back. */
export interface Hold {
  /** The handler has called `end`. */
  readonly hasEnded: boolean;
}

/** Under this name a response has its hold for as long as it is held. */
const holdOf: unique symbol = Symbol('stet.hold');

type Holdable = ServerResponse & { [holdOf]?: Hold | undefined };

/** As of a response that was sent, while it is held, and the truth afterwards. Made once for all responses. */
const disguises: Record<'headersSent' | 'writableEnded', PropertyDescriptor & ThisType<Holdable>> = {
  headersSent: {
    configurable: true,
    get() {
      return this[holdOf] !== undefined || truth(this, 'headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get() {
      return this[holdOf]?.hasEnded ?? truth(this, 'writableEnded');
    },
  },
};

function truth(response: ServerResponse, name: keyof typeof disguises): boolean {
  return Reflect.get(Object.getPrototypeOf(response), name, response);
}

/**
 * Makes a response whose head is held back look as it would with the head sent: it says so, and refuses changes.
 * Whoever asks first (an error handler, a second `send` by mistake, a compressing wrapper) then acts as without the
 * delay. Returns what undoes it.
 */
export function lockHead(response: Holdable, hold: Hold): () => void {
  const { setHeader, setHeaders, appendHeader, removeHeader } = response;
  response[holdOf] = hold;
  Object.defineProperty(response, 'headersSent', disguises.headersSent);
  Object.defineProperty(response, 'writableEnded', disguises.writableEnded);
  response.setHeader = refuseChange;
  response.setHeaders = refuseChange;
  response.appendHeader = refuseChange;
  response.removeHeader = refuseChange;
  return () => {
    response[holdOf] = undefined;
    response.setHeader = setHeader;
    response.setHeaders = setHeaders;
    response.appendHeader = appendHeader;
    response.removeHeader = removeHeader;
  };
}

/** The error that Node.js gives. */
export function refuseChange(): never {
  throw Object.assign(new Error('Cannot change the head of the response after it was sent.'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}
