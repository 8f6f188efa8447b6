import { generateKeySync, randomBytes } from 'node:crypto';
import { EncryptedCodec, JsonCodec, MemoryStore, Sessions } from '@stet/core';
import { compare, type Pace, type Turn } from '../speed/compare.ts';
import { floors } from './floors.ts';
import { sample } from './sample.ts';

export interface EngineTable {
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** One table for each codec, and in it one row for each kind of request, beside its floor. */
export async function engineTable(pace: Pace): Promise<EngineTable[]> {
  const codecs = [
    { name: 'JsonCodec', codec: new JsonCodec(), isEncrypted: false },
    {
      name: 'EncryptedCodec',
      codec: new EncryptedCodec({ keys: [{ id: 'k', secret: randomBytes(32) }] }),
      isEncrypted: true,
    },
  ];
  const tables: EngineTable[] = [];
  for (const { name, codec, isEncrypted } of codecs) {
    const sessions = new Sessions({ store: new MemoryStore(), codec });
    const first = await sessions.open();
    Object.assign(first.data, sample);
    await first.save();
    const token = first.token ?? '';
    const floor = await floors(isEncrypted ? generateKeySync('aes', { length: 256 }) : undefined);

    const requests: Array<[name: string, floor: () => Promise<void>, request: () => Promise<void>]> = [
      ['does not look', floor.read, async () => (await sessions.open(token)).commit()],
      [
        'reads a key',
        floor.read,
        async () => {
          const session = await sessions.open(token);
          if (session.data.csrf === undefined) throw new Error('The session is not there.');
          await session.commit();
        },
      ],
      [
        'changes a key',
        floor.change,
        async () => {
          const session = await sessions.open(token);
          session.data.visits = (session.data.visits as number) + 1;
          await session.commit();
        },
      ],
    ];
    const rows: string[][] = [];
    for (const [kind, least, request] of requests) {
      rows.push([kind, ...(await compare(pace, [turnOf(least), turnOf(request)], 'cost'))]);
    }
    tables.push({ head: [`a request, ${name}`, 'the floor', 'open and commit, as multiples of it'], rows });
  }
  return tables;
}

/**
 * Counted by the time of the processor, not of the clock: nothing here waits, and other work on the machine is not
 * counted.
 */
function turnOf(work: () => Promise<void>): Turn {
  return async (sliceMs) => {
    const start = process.cpuUsage();
    let done = 0;
    let usedMs = 0;
    do {
      for (let n = 0; n < 50; n += 1) await work();
      done += 50;
      const { user, system } = process.cpuUsage(start);
      usedMs = (user + system) / 1_000;
    } while (usedMs < sliceMs);
    return (done / usedMs) * 1_000;
  };
}
