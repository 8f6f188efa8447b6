import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerWithin } from '../src/answer.ts';
import { type OneServer, startOneServer } from './one-server.ts';
import { created, newId } from './samples.ts';

describe('a client that', () => {
  it('calls back twice is heard once', async () => {
    const answer = await answerWithin<number>(1_000, undefined, (callback) => {
      callback(undefined, 1);
      callback(new Error('late'), 2);
    });
    expect(answer).toEqual({ value: 1 });
  });

  it('throws has failed', async () => {
    const error = new TypeError('thrown');
    const answer = await answerWithin(1_000, undefined, () => {
      throw error;
    });
    expect(answer).toEqual({ error });
  });

  it('never calls back is given up', async () => {
    expect(await answerWithin(5, undefined, () => {})).toBeUndefined();
  });
});

describe('with a server', () => {
  let site: OneServer;
  beforeAll(async () => {
    site = await startOneServer();
  });
  afterAll(() => site.stop());

  it('an answer that came while this process was busy is no timeout', async () => {
    const store = site.directStore({ timeoutMs: 50 });
    const { id, record } = await created(store);
    for (let round = 0; round < 5; round += 1) {
      const loading = store.load(id);
      const busyUntil = performance.now() + 80;
      while (performance.now() < busyUntil);
      await expect(loading).resolves.toEqual(record);
    }
  });

  it('a value of others that breaks the client’s parser costs one call, not those after it', async () => {
    const store = site.directStore({ timeoutMs: 3_000 });
    const { id: other, record } = await created(store);
    const id = newId();
    const socket = connect(site.server.port, '127.0.0.1');
    const value = 'stet1 00000000 record\r\nEND\r\nrest';
    socket.write(`set sess:${id} 0 60 ${value.length}\r\n${value}\r\n`);
    expect(String(await once(socket, 'data'))).toBe('STORED\r\n');
    socket.destroy();
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    await expect(store.load(other)).resolves.toEqual(record);
  });
});
