import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { StoreError } from '../src/index.ts';

const secret = 'canary-7f3a';
const id = 'ab12'.repeat(16);

function cleaned(error: unknown): Error {
  return new StoreError('STORE_UNAVAILABLE', 'No.', { cause: error }).cause as Error;
}

/** All that can be read off an error, at any depth. */
function whole(error: unknown): string {
  return inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
}

it('keeps of a driver’s error what an operator needs', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '127.0.0.1',
    port: 6379,
  });
  expect(cleaned(refused)).toMatchObject({
    message: 'connect ECONNREFUSED 127.0.0.1:6379',
    code: 'ECONNREFUSED',
    errno: -111,
    port: 6379,
  });
  expect(cleaned(refused).stack).toMatch(
    /^Error: connect ECONNREFUSED 127\.0\.0\.1:6379\n\s+at .+driver-error\.test\.ts/,
  );
});

it.each([
  ['the arguments of a command', Object.assign(new Error('OOM'), { command: { name: 'evalsha', args: [secret] } })],
  [
    'the details of a row',
    Object.assign(new Error('duplicate key'), { detail: `Key (subject)=(${secret})`, where: secret }),
  ],
  ['a quoted value', new Error(`Incorrect string value: '${secret}' for column "data"`)],
  ['a value with quotes in it', new Error(`Duplicate entry 'it's ${secret}' for key 'PRIMARY'`)],
  ['a statement with its values', new Error(`insert into "sessions" values ('${secret}') - no such table`)],
  ['a second line', new Error(`failed\n${secret}`)],
  [
    'the snippet of a parser',
    (() => {
      try {
        JSON.parse(`{"a":${secret}}`);
      } catch (error) {
        return error;
      }
    })(),
  ],
  ['a name', Object.assign(new Error('failed'), { name: `E${secret}` })],
  ['a code', Object.assign(new Error('failed'), { code: `is ${secret}` })],
  ['a cause', new Error('failed', { cause: new Error(`"${secret}"`) })],
  ['errors in a row', new AggregateError([new Error(`"${secret}"`)], 'failed')],
  ['a stack', Object.assign(new Error('failed'), { stack: `Error: failed ${secret}\n    at ${secret}` })],
])('keeps nothing of %s', (_, error) => {
  expect(whole(error)).toContain(secret);
  expect(whole(cleaned(error))).not.toContain(secret);
});

it('keeps no session id, and no token', () => {
  const error = Object.assign(new Error(`ENOENT: no such file, open /data/ab/${id}/head`), {
    path: `/data/${id}`,
    code: id,
  });
  expect(whole(cleaned(error))).not.toContain(id);
  expect(whole(cleaned(new Error(`no session ${'Zx_-9'.repeat(9)}`)))).not.toContain('Zx_-9Zx');
});

it('ends with chains that have no end, and with what is no error', () => {
  const endless = new Error('failed');
  endless.cause = endless;
  expect(whole(cleaned(endless)).length).toBeLessThan(20_000);
  expect(cleaned('timed out').message).toBe('timed out');
  expect(cleaned({ secret }).message).not.toContain(secret);
});
