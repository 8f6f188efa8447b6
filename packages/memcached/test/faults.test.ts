import { isDeepStrictEqual } from 'node:util';
import { isStoreError } from '@stet/core';
import { type Exchange, freePort } from '@stet/services';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MemcachedStore } from '../src/index.ts';
import { type ClientName, clientNames, clients } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { type Expected, type Operation, operations, type Prepared } from './site/operations.ts';
import { pause } from './site/pause.ts';

const scale = Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);
const timeoutMs = 300 * scale;
const patientMs = 5_000 * scale;
const graceMs = 250 * scale;

let clientName: ClientName;
let site: OneServer;
/** One that runs out of time where the fault is that nothing comes, and one for all other faults. */
let store: MemcachedStore;
let patient: MemcachedStore;
let witness: MemcachedStore;

/** By fault and operation: all the ways in which calls ended. The tables of the documentation. */
type Outcomes = Map<string, Map<string, Set<string>>>;
const outcomes: Record<ClientName, Outcomes> = { memcache: new Map(), memcached: new Map() };

function note(fault: string, { name }: Operation, outcome: string): void {
  const row = outcomes[clientName].get(fault) ?? new Map<string, Set<string>>();
  outcomes[clientName].set(fault, row.set(name, (row.get(name) ?? new Set()).add(outcome)));
}

/** How a call ended: as it should, or with the code of an error. Whatever else it resolves to is a lie. */
async function ending({ call, isDone }: Prepared, what: string, limitMs = patientMs): Promise<string> {
  const startedAt = performance.now();
  const outcome = await call().then(
    (resolved) => (isDone(resolved) ? 'done' : `resolved to ${JSON.stringify(resolved)}`),
    (error: unknown) => (isStoreError(error) ? error.code : String(error)),
  );
  expect(outcome, what).toMatch(/^(done|STORE_\w+)$/);
  expect(performance.now() - startedAt, what).toBeLessThan(limitMs + graceMs);
  return outcome;
}

/** What the servers hold in the end bears out how the call ended. */
async function expectBorneOut({ id, before, after }: Prepared, outcome: string, what: string): Promise<void> {
  const found = await witness.load(id);
  const is = (expected: Expected | null): boolean =>
    isDeepStrictEqual(found && { ...found }, expected && { revision: found?.revision, ...expected });
  const holds = outcome === 'done' ? is(after) : outcome === 'STORE_AMBIGUOUS' ? is(before) || is(after) : is(before);
  expect(holds, `${what}: ${outcome}, but ${JSON.stringify(found)} is kept`).toBe(true);
}

/** The bytes of all requests and of all replies of an undisturbed call. */
async function lengthsOf(operation: Operation): Promise<{ request: number; reply: number }> {
  const prepared = await operation.prepare(patient);
  site.proxy.forget();
  expect(await ending(prepared, operation.name)).toBe('done');
  const total = (part: keyof Exchange): number =>
    site.proxy.exchanges.reduce((sum, exchange) => sum + exchange[part].length, 0);
  return { request: total('request'), reply: total('reply') };
}

describe.each(clientNames)('through %s', (name) => {
  beforeAll(async () => {
    clientName = name;
    site = await startOneServer(name);
    store = site.store({ timeoutMs });
    patient = site.store({ timeoutMs: patientMs });
    witness = site.directStore();
  });
  afterAll(() => site.stop());

  describe.each(operations)('$name', (operation) => {
    it('cut at every byte of its replies and requests ends as what is kept bears out', async () => {
      const { request, reply } = await lengthsOf(operation);
      const cuts = [
        ...Array.from({ length: reply }, (_, at) => ({ fault: 'Its reply is cut short', cut: { cutReplyAfter: at } })),
        ...Array.from({ length: request }, (_, at) => ({
          fault: 'Its request is cut short',
          cut: { cutRequestAfter: at },
        })),
      ];
      for (const { fault, cut } of cuts) {
        const what = `${operation.name}, ${JSON.stringify(cut)}`;
        const prepared = await operation.prepare(patient);
        site.proxy.forget();
        await site.proxy.set(cut);
        const outcome = await ending(prepared, what);
        // Revisions and uniques have as many digits as they have, so that now and then there is nothing left to cut.
        const isWhole = 'cutRequestAfter' in cut && site.proxy.exchanges[0]?.request.length === cut.cutRequestAfter;
        const wasCut = site.proxy.fault === 'none' && !isWhole;
        await site.proxy.set('none');
        if (wasCut) note(fault, operation, outcome);
        await expectBorneOut(prepared, outcome, what);
      }
    });

    it('on a server that is stopped ends in time, and all goes on when it does', async () => {
      const prepared = await operation.prepare(store);
      await pause(site.server.pid);
      const outcome = await ending(prepared, operation.name, timeoutMs).finally(() =>
        process.kill(site.server.pid, 'SIGCONT'),
      );
      note('The server stalls', operation, outcome);
      await expectBorneOut(prepared, outcome, operation.name);
      expect(await ending(await operation.prepare(patient), operation.name)).toBe('done');
    });

    it('whose replies are held back ends in time, and what comes later is ignored', async () => {
      const prepared = await operation.prepare(store);
      await site.proxy.set('stall replies');
      const outcome = await ending(prepared, operation.name, timeoutMs);
      await site.proxy.set('none');
      note('Its replies do not come', operation, outcome);
      await expectBorneOut(prepared, outcome, operation.name);
      expect(await ending(await operation.prepare(patient), operation.name)).toBe('done');
    });

    it('over a slow network is done', async () => {
      const prepared = await operation.prepare(patient);
      await site.proxy.set({ delayMs: 5 });
      const outcome = await ending(prepared, operation.name);
      await site.proxy.set('none');
      note('The network is slow', operation, outcome);
      await expectBorneOut(prepared, outcome, operation.name);
    });

    it('on a server that cannot be reached is unavailable', async () => {
      const prepared = await operation.prepare(patient);
      await site.proxy.set('refuse');
      // The package memcached does not ask a server again for a moment after each failure; all calls in it wait for the
      // next.
      await Promise.allSettled(Array.from({ length: 3 }, () => patient.load(prepared.id)));
      const outcome = await ending(prepared, operation.name);
      await site.proxy.set('none');
      note('The server refuses connections', operation, outcome);
      await expectBorneOut(prepared, outcome, operation.name);
    });

    it('on a server that is killed under it never reads as gone', async () => {
      const doomed = await startOneServer(name);
      onTestFinished(() => doomed.stop());
      const prepared = await operation.prepare(doomed.directStore({ timeoutMs }));
      await pause(doomed.server.pid);
      const ended = ending(prepared, operation.name, timeoutMs);
      // The request is on its way before the signal is.
      setImmediate(() => process.kill(doomed.server.pid, 'SIGKILL'));
      note('The server is killed', operation, await ended);
    });
  });

  describe('a server that is not there at all', () => {
    it.each(operations)('makes $name unavailable', async (operation) => {
      const prepared = await operation.prepare(store);
      const { client, end } = clients[name]([`127.0.0.1:${await freePort()}`]);
      onTestFinished(end);
      const lost = new MemcachedStore({ client, timeoutMs });
      await expect(lost.load(prepared.id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    });
  });
});

it('ends as docs/faults-memcached.md says', async () => {
  const text = [
    introduction,
    ...clientNames.map((name) => `## Through \`${name}\`\n\n${tableOf(outcomes[name])}`),
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../docs/faults-memcached.md');
});

function tableOf(outcomes: Outcomes): string {
  const names = operations.map(({ name }) => name);
  const rows = Array.from(outcomes, ([fault, row]) =>
    [
      fault,
      ...names.map((name) =>
        Array.from(row.get(name) ?? [])
          .sort()
          .map(shortened)
          .join(', '),
      ),
    ].join(' | '),
  );
  const table = [
    ['fault', ...names].join(' | '),
    names
      .map(() => '---')
      .concat('---')
      .join(' | '),
    ...rows,
  ];
  return `${table.map((row) => `| ${row} |`).join('\n')}\n`;
}

function shortened(outcome: string): string {
  return outcome === 'done' ? 'done' : `\`${outcome.replace('STORE_', '')}\``;
}

const introduction = `# How calls of MemcachedStore end under faults

All the ways in which each call ended in tests with a real server, through each of the npm packages that the store works
with: cut at every byte of its replies and requests, stopped, killed, slowed down and refused. \`UNAVAILABLE\` stands
for \`STORE_UNAVAILABLE\` and so on. No call took longer than its \`timeoutMs\`; what the server held afterwards was
checked against what the call had said. No fault was ever reported as \`null\`, \`false\`, \`gone\` or \`conflict\`.

Made by \`npx vitest run packages/memcached/test/faults.test.ts -u\`; the tests fail where it is out of date.
`;
