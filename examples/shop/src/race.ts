import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { type Contender, raceTrack, runners } from './race-track.ts';

/** Which marks were left after a race, with each session layer. */
export interface RaceResult {
  readonly merged: readonly number[];
  readonly lastWriteWins: readonly number[];
}

const patienceMs = 20_000;

/**
 * Sends all runners at once, as real requests with the cookie of one fresh session, to a server of their own, and
 * resolves to the marks that the session holds in the end. A barrier makes the overlap certain: with its session
 * loaded, each request waits for all the others.
 */
export async function race(contender: Contender): Promise<number[]> {
  const server = express()
    .use(raceTrack(contender, barrier(runners.length)))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const track = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const cookie = cookieFrom(await request(track, { method: 'PUT', signal }));
    await Promise.all(
      runners.map((runner) => request(track + runner, { method: 'POST', headers: { cookie }, signal })),
    );
    return (await (await request(track, { headers: { cookie }, signal })).json()) as number[];
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.ok) return response;
  throw new Error(`A request of the race was answered ${response.status}.`);
}

function cookieFrom(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Lets nobody through before the given number have come. */
function barrier(size: number): () => Promise<void> {
  const open = Promise.withResolvers<void>();
  let missing = size;
  return () => {
    missing -= 1;
    if (missing === 0) open.resolve();
    return open.promise;
  };
}
