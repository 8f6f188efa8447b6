/**
 * What holding a response back until its session is saved costs, beside a response of Node.js alone: docs/speed.md has
 * the figures.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { type GateDuties, gateResponse } from '../../packages/http/src/gate/response-gate.ts';
import { compare, type Turn } from './speed/compare.ts';
import { printTable } from './speed/table.ts';

const body = 'x'.repeat(1_000);
const saved = Promise.resolve();

/** Takes what would go to the network. */
const sink = new Writable({
  write: (_chunk, _encoding, done) => done(),
  writev: (_chunks, done) => done(),
}) as unknown as Socket;

/** Counts by the processor's time, so that a machine that is busy with something else does not count. */
function answers(prepare: (response: ServerResponse) => void): Turn {
  return async (sliceMs) => {
    const before = process.cpuUsage();
    for (let done = 1; ; done += 1) {
      await answer(prepare);
      const { user, system } = process.cpuUsage(before);
      const spentMs = (user + system) / 1_000;
      if (spentMs >= sliceMs) return (done * 1_000) / spentMs;
    }
  };
}

/** One response with a cookie, from its beginning to the last byte. */
function answer(prepare: (response: ServerResponse) => void): Promise<void> {
  const request = new IncomingMessage(sink);
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  const response = new ServerResponse(request);
  response.assignSocket(sink);
  prepare(response);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  return new Promise((resolve) => {
    response.end(body, () => {
      response.detachSocket(sink);
      resolve();
    });
  });
}

function gated(beforeHead: GateDuties['beforeHead']): (response: ServerResponse) => void {
  return (response) =>
    gateResponse(response, {
      beforeHead,
      markHead: () => response.setHeader('Set-Cookie', ['sid=token']),
      onFailure(error) {
        throw error;
      },
    });
}

const contenders: ReadonlyArray<readonly [name: string, turn: Turn]> = [
  ['Node.js alone', answers((response) => response.setHeader('Set-Cookie', ['sid=token']))],
  ['gated, nothing to wait for', answers(gated(() => undefined))],
  ['gated, held until a save is done', answers(gated(() => saved))],
];

const figures = await compare(
  { rounds: 15, sliceMs: 200 },
  contenders.map(([, turn]) => turn),
);
printTable(
  ['a response of 1 KB', 'responses'],
  contenders.map(([name], index) => [name, figures[index] ?? '']),
);
