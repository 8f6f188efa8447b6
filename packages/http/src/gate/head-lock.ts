import type { ServerResponse } from 'node:http';

const changes = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const;

/**
 * Makes a response whose head is held back look as it would with the head sent: it says so, and refuses changes. Whoever asks
 * first (an error handler, a second `send` by mistake, a compressing wrapper) then acts as without the delay. Returns what undoes it.
 */
export function lockHead(response: ServerResponse, hasEnded: () => boolean): () => void {
  const disguises: PropertyDescriptorMap = {
    headersSent: { get: () => true },
    writableEnded: { get: hasEnded },
  };
  for (const name of changes) disguises[name] = { value: refuseChange };
  const before = Object.keys(disguises).map((name) => [name, Object.getOwnPropertyDescriptor(response, name)] as const);
  for (const [name, disguise] of Object.entries(disguises)) {
    Object.defineProperty(response, name, { ...disguise, configurable: true });
  }
  return () => {
    for (const [name, own] of before) {
      if (own) Object.defineProperty(response, name, own);
      else Reflect.deleteProperty(response, name);
    }
  };
}

/** The error that Node.js gives. */
export function refuseChange(): never {
  throw Object.assign(new Error('Cannot change the head of the response after it was sent.'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}
