import { isDeepStrictEqual } from 'node:util';
import { isStoreError, type SessionRecord } from '@stet/core';
import { type Exchange, freePort } from '@stet/services';
import Memcached from 'memcached';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clientSettings, MemcachedStore } from '../src/index.ts';
import { type OneServer, startOneServer } from './one-server.ts';
import { type Operation, operations, type Prepared } from './operations.ts';
import { pause } from './pause.ts';

const scale = Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);
const timeoutMs = 300 * scale;
const graceMs = 250 * scale;

let site: OneServer;
let store: MemcachedStore;
let witness: MemcachedStore;

beforeAll(async () => {
  site = await startOneServer();
  store = site.store({ timeoutMs });
  witness = site.directStore();
});
afterAll(() => site.stop());

/** By fault and operation: all the ways in which calls ended. The table of the documentation. */
const outcomes = new Map<string, Map<string, Set<string>>>();

function note(fault: string, { name }: Operation, outcome: string): void {
  const row = outcomes.get(fault) ?? new Map<string, Set<string>>();
  outcomes.set(fault, row.set(name, (row.get(name) ?? new Set()).add(outcome)));
}

/** How a call ended: as it should, or with the code of an error. Whatever else it resolves to is a lie. */
async function ending({ call, isDone }: Prepared, what: string): Promise<string> {
  const startedAt = performance.now();
  const outcome = await call().then(
    (resolved) => (isDone(resolved) ? 'done' : `resolved to ${JSON.stringify(resolved)}`),
    (error: unknown) => (isStoreError(error) ? error.code : String(error)),
  );
  expect(outcome, what).toMatch(/^(done|STORE_\w+)$/);
  expect(performance.now() - startedAt, what).toBeLessThan(timeoutMs + graceMs);
  return outcome;
}

/** What the servers hold in the end bears out how the call ended. */
async function expectBorneOut({ id, before, after }: Prepared, outcome: string, what: string): Promise<void> {
  const found = await witness.load(id);
  const is = (expected: SessionRecord | null): boolean =>
    isDeepStrictEqual(found && { ...found }, expected && { ...expected });
  const holds = outcome === 'done' ? is(after) : outcome === 'STORE_AMBIGUOUS' ? is(before) || is(after) : is(before);
  expect(holds, `${what}: ${outcome}, but ${JSON.stringify(found)} is kept`).toBe(true);
}

/** The bytes of all requests and of all replies of an undisturbed call. */
async function lengthsOf(operation: Operation): Promise<{ request: number; reply: number }> {
  const prepared = await operation.prepare(store);
  site.proxy.forget();
  expect(await ending(prepared, operation.name)).toBe('done');
  const total = (part: keyof Exchange): number =>
    site.proxy.exchanges.reduce((sum, exchange) => sum + exchange[part].length, 0);
  return { request: total('request'), reply: total('reply') };
}

describe.each(operations)('$name', (operation) => {
  it('cut at every byte of its replies and requests ends as what is kept bears out', async () => {
    const { request, reply } = await lengthsOf(operation);
    const cuts = [
      ...Array.from({ length: reply }, (_, at) => ['Its reply is cut short', { cutReplyAfter: at }] as const),
      ...Array.from({ length: request }, (_, at) => ['Its request is cut short', { cutRequestAfter: at }] as const),
    ];
    for (const [fault, cut] of cuts) {
      const what = `${operation.name}, ${JSON.stringify(cut)}`;
      const prepared = await operation.prepare(store);
      await site.proxy.set(cut);
      const outcome = await ending(prepared, what);
      await site.proxy.set('none');
      note(fault, operation, outcome);
      await expectBorneOut(prepared, outcome, what);
    }
  });

  it('on a server that is stopped ends in time, and all goes on when it does', async () => {
    const prepared = await operation.prepare(store);
    await pause(site.server.pid);
    const outcome = await ending(prepared, operation.name).finally(() => process.kill(site.server.pid, 'SIGCONT'));
    note('The server stalls', operation, outcome);
    await expectBorneOut(prepared, outcome, operation.name);
    expect(await ending(await operation.prepare(store), operation.name)).toBe('done');
  });

  it('whose replies are held back ends in time, and what comes later is ignored', async () => {
    const prepared = await operation.prepare(store);
    await site.proxy.set('stall replies');
    const outcome = await ending(prepared, operation.name);
    await site.proxy.set('none');
    note('Its replies do not come', operation, outcome);
    await expectBorneOut(prepared, outcome, operation.name);
    expect(await ending(await operation.prepare(store), operation.name)).toBe('done');
  });

  it('over a slow network is done', async () => {
    const prepared = await operation.prepare(store);
    await site.proxy.set({ delayMs: 5 });
    const outcome = await ending(prepared, operation.name);
    await site.proxy.set('none');
    note('The network is slow', operation, outcome);
    await expectBorneOut(prepared, outcome, operation.name);
  });

  it('on a server that cannot be reached is unavailable', async () => {
    const prepared = await operation.prepare(store);
    await site.proxy.set('refuse');
    // The client does not ask a server again for a moment after each failure; all calls in it wait for the next.
    await Promise.allSettled(Array.from({ length: 3 }, () => store.load(prepared.id)));
    const outcome = await ending(prepared, operation.name);
    await site.proxy.set('none');
    note('The server refuses connections', operation, outcome);
    await expectBorneOut(prepared, outcome, operation.name);
  });

  it('on a server that is killed under it never reads as gone', async () => {
    const doomed = await startOneServer();
    onTestFinished(() => doomed.stop());
    const prepared = await operation.prepare(doomed.directStore({ timeoutMs }));
    await pause(doomed.server.pid);
    const ended = ending(prepared, operation.name);
    // The request is on its way before the signal is.
    setImmediate(() => process.kill(doomed.server.pid, 'SIGKILL'));
    note('The server is killed', operation, await ended);
  });
});

describe('a server that is not there at all', () => {
  it.each(operations)('makes $name unavailable', async (operation) => {
    const prepared = await operation.prepare(store);
    const client = new Memcached(`127.0.0.1:${await freePort()}`, clientSettings);
    onTestFinished(() => client.end());
    const lost = new MemcachedStore({ client, timeoutMs });
    await expect(lost.load(prepared.id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });
});

it('ends as docs/faults-memcached.md says', async () => {
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
  const text = `${introduction}\n${table.map((row) => `| ${row} |`).join('\n')}\n`;
  await expect(text).toMatchFileSnapshot('../../../docs/faults-memcached.md');
});

function shortened(outcome: string): string {
  return outcome === 'done' ? 'done' : `\`${outcome.replace('STORE_', '')}\``;
}

const introduction = `# How calls of MemcachedStore end under faults

All the ways in which each call ended in tests with a real server: cut at every byte of its replies and requests, stopped,
killed, slowed down and refused. \`UNAVAILABLE\` stands for \`STORE_UNAVAILABLE\` and so on. No call took longer than its
\`timeoutMs\`; what the server held afterwards was checked against what the call had said. No fault was ever reported as
\`null\`, \`false\`, \`gone\` or \`conflict\`.

Made by \`npx vitest run packages/memcached/test/faults.test.ts -u\`; the tests fail where it is out of date.
`;
