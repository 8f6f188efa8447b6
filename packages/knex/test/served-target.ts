import type { ConformanceTarget, Restore } from '@stet/conformance';
import type { Fault, FaultProxy } from '@stet/services';
import { connect } from './connect.ts';
import { startServed } from './database.ts';
import { knexTarget } from './target.ts';

/** The store on a server, with the faults that a proxy can make. */
export async function servedTarget(name: keyof typeof startServed, module: string): Promise<ConformanceTarget> {
  // A second process inherits the environment, and so finds the same server.
  const variable = `STET_KNEX_${name.toUpperCase()}`;
  const given = process.env[variable];
  if (given !== undefined) {
    return knexTarget({ name, module, knex: connect(given), admin: connect(given), faults: {}, stop: async () => {} });
  }
  const { url, proxy, proxyUrl, stop } = await startServed[name]();
  process.env[variable] = url;
  const faults = {
    outage: during(proxy, 'refuse'),
    stall: during(proxy, 'stall'),
    loseReply: during(proxy, { cutReplyAfter: 0, to: /INSERT|UPDATE|DELETE/ }),
  };
  return knexTarget({ name, module, knex: connect(proxyUrl), admin: connect(url), faults, stop });
}

function during(proxy: FaultProxy, fault: Fault): () => Promise<Restore> {
  return async () => {
    await proxy.set(fault);
    return () => proxy.set('none');
  };
}
