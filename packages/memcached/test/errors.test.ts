import { inspect } from 'node:util';
import { isStoreError } from '@stet/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MemcachedStore } from '../src/index.ts';
import { clientNames, clients } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { type Operation, operations } from './site/operations.ts';
import { created, draftOf } from './site/samples.ts';

const timeoutMs = 2_000;
const canary = 'canary-4711-of-somebody';

/** All that an error tells whoever logs it whole. */
function toldBy(error: unknown): string {
  const told = inspect(error, { depth: null, showHidden: true, getters: true, maxStringLength: null });
  const { message, stack } = error as Error;
  return `${told}\n${message}\n${stack}\n${JSON.stringify(error)}`;
}

describe.each(clientNames)('no error through %s carries data, a subject or an id', (clientName) => {
  let site: OneServer;
  beforeAll(async () => {
    site = await startOneServer(clientName, ['-I', '512k']);
  });
  afterAll(() => site.stop());

  it.each([
    ['cannot be reached', 'refuse'],
    ['stalls', 'stall'],
    ['answers nothing', 'stall replies'],
  ] as const)('any call on a server that %s', async (_, fault) => {
    const store = site.store({ timeoutMs });
    const over = { data: `"${canary}"`, subject: canary };
    const prepared = await Promise.all(operations.map((operation) => operation.prepare(store, over)));
    await site.proxy.set(fault);
    const outcomes = await Promise.allSettled(prepared.map(({ call }) => call()));
    await site.proxy.set('none');
    for (const [index, outcome] of outcomes.entries()) {
      const { name } = operations[index] as Operation;
      if (outcome.status === 'fulfilled') expect.unreachable(name);
      expect(isStoreError(outcome.reason), name).toBe(true);
      expect(toldBy(outcome.reason), name).not.toContain(canary);
      expect(toldBy(outcome.reason), name).not.toContain(prepared[index]?.id);
    }
  });

  it('a value that the server refuses', async () => {
    const store = site.directStore();
    const { id, record } = await created(store);
    const data = canary.repeat(40_000);
    const error = await store.update(id, record, draftOf({ data, subject: canary })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(toldBy(error)).not.toContain(canary);
    expect(toldBy(error)).not.toContain(id);
  });

  it('a record that cannot be read', async () => {
    const store = site.directStore();
    const { id } = await created(store);
    for (const value of [canary, `"${canary}"`, `stet1 00000000 record 1 ${canary}`, `ERROR ${canary}`]) {
      await site.tell(`set sess:${id} 0 60 ${value.length}\r\n${value}\r\n`);
      const error = await store.load(id).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
      expect(toldBy(error)).not.toContain(canary);
      expect(toldBy(error)).not.toContain(id);
    }
  });

  it('a value with line ends of its own, which reads like answers of the server', async () => {
    const store = site.directStore({ timeoutMs });
    const { id } = await created(store);
    for (const lines of [
      `x\r\nEND\r\nSERVER_ERROR ${canary}`,
      `x\r\nCLIENT_ERROR ${canary}\r\n${canary}`,
      `${canary}\r\nEND`,
    ]) {
      await site.tell(`set sess:${id} 0 60 ${lines.length}\r\n${lines}\r\n`);
      const error = await store.load(id).catch((thrown: unknown) => thrown);
      expect(isStoreError(error)).toBe(true);
      expect(toldBy(error)).not.toContain(canary);
      expect(toldBy(error)).not.toContain(id);
    }
  });

  it('a client that was ended', async () => {
    const { client, end } = clients[clientName]([`127.0.0.1:${site.proxy.port}`]);
    const store = new MemcachedStore({ client, timeoutMs });
    const { id, record } = await created(store, { subject: canary });
    onTestFinished(end);
    await site.proxy.set('stall');
    const updating = store.update(id, record, draftOf({ data: canary, subject: canary }));
    end();
    const error = await updating.catch((thrown: unknown) => thrown);
    await site.proxy.set('none');
    expect(isStoreError(error)).toBe(true);
    expect(toldBy(error)).not.toContain(canary);
    expect(toldBy(error)).not.toContain(id);
  });
});
