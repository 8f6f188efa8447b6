import { crc32 } from 'node:zlib';
import { recordOf } from '@stet/core';
import { describe, expect, it } from 'vitest';
import { decode, encode, mostHeaderBytes, type RecordEntry } from '../src/item/entry.ts';
import { lifetimeUntil } from '../src/item/lifetime.ts';
import { mostEscapes, withLineEnds, withoutLineEnds } from '../src/item/line-ends.ts';

const token = '0b29e3a4-6f0c-4b6e-9d5e-0c5a2f6b7a11';
const nonce = 'c1d7e0aa-31d0-4d5c-8a3a-5b8f3f2f9f10';

function entryOf(data: string, subject?: string): RecordEntry {
  const draft = { data, expiresAt: 1_800_000_000_123, ...(subject !== undefined && { subject }) };
  return { kind: 'record', record: recordOf(draft, 3, 1_790_000_000_000), nonce, token, storedAt: 1_795_000_000_000 };
}

/** What the package memcached makes of a value on the wire. */
function onTheWire(value: string): Buffer {
  return Buffer.from(value.replace(/(\r|\n)/g, '\\$1'));
}

const texts = {
  nothing: '',
  'line ends': '\r\n\r\n\n\r\\\r\\\n',
  'the protocol': 'END\r\nVALUE sess:x 0 1\r\nx\r\nEND\r\n',
  'an entry of its own': encode(entryOf('x')),
  'text with its own stand-in': '\u0001\r\u0002\n\u0003',
  'all of Unicode’s widths': 'aé€😀\u{10ffff}',
};

describe('an entry', () => {
  it('has a documented form, so that a store alone and a tier read the same', () => {
    expect(encode(entryOf('{"a":1}', 'user 7'))).toBe(
      `stet1 8e5a335b record 3 1790000000000 1800000000123 1795000000000 ${nonce} ${token} user%207  {"a":1}`,
    );
    expect(encode({ kind: 'lease', token, endsAt: 1_795_000_005_000 })).toBe(
      `stet1 88f4ab21 lease ${token} 1795000005000`,
    );
  });

  it.each(Object.entries(texts))('keeps %s', (_, text) => {
    expect(decode(encode(entryOf(text)))).toEqual(entryOf(text));
    expect(decode(encode(entryOf('x', text || 'y')))).toEqual(entryOf('x', text || 'y'));
  });

  it('is corrupt with any bit of it flipped, or any of its end missing', () => {
    const bytes = Buffer.from(encode(entryOf('{"cart":["tea"]}', 'user-7')));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(decode(flipped.toString()).kind, `bit ${bit}`).toBe('corrupt');
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decode(bytes.subarray(0, length).toString()).kind, `${length} bytes`).toBe('corrupt');
    }
  });

  it.each([
    'record',
    `record 3 1 2 3 ${nonce} ${token}`,
    `record x 1 2 3 ${nonce} ${token}   data`,
    `record 3 1 2 3 nonce ${token}   data`,
    `record 3 1 2 3 ${nonce} ${token} %  data`,
    `lease ${token}`,
    'lease token 1',
    `deleted ${token} then`,
    `other ${token} 1`,
  ])('is corrupt where a checksum stands over %j', (body) => {
    const checksum = crc32(body).toString(16).padStart(8, '0');
    expect(decode(`stet1 ${checksum} ${body}`).kind).toBe('corrupt');
  });

  it.each([undefined, null, 7, Buffer.from('stet1'), { a: 1 }])('is not %o', (value) => {
    expect(decode(value).kind).toBe('corrupt');
  });
});

describe('the size on the wire', () => {
  const bytes = 100_000;
  const every = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).slice(1);
  it.each([
    ['line feeds', '\n'],
    ['carriage returns', '\r'],
    ['both', '\r\n'],
    ['carriage returns and the first stand-in', '\r\u0001'],
    ['every character of ASCII', every.join('')],
    ['wide characters and carriage returns', '€\r'],
  ])('stays below the bound with %s alone', (_, pattern) => {
    const data = pattern.repeat(Math.floor(bytes / Buffer.byteLength(pattern)));
    const subject = '\u0001'.repeat(255);
    expect(onTheWire(encode(entryOf(data, subject))).length).toBeLessThanOrEqual(
      bytes + mostEscapes(bytes) + mostHeaderBytes,
    );
    expect(withLineEnds(withoutLineEnds(data))).toBe(data);
  });
});

describe('the lifetime that the server is told', () => {
  const now = 1_795_000_000_400;
  const day = 86_400_000;
  it.each([
    ['that is over', now, -1],
    ['of a millisecond', now + 1, 3],
    ['of 30 days at most, in seconds from now', now + 30 * day - 2_000, 2_592_000],
    ['of more, as a Unix time', now + 30 * day, 1_797_592_003],
    ['until 2038', (2 ** 31 - 3) * 1_000, 2 ** 31 - 1],
    ['beyond, for ever', 2 ** 31 * 1_000, 0],
  ])('%s', (_, endsAt, lifetime) => {
    expect(lifetimeUntil(endsAt, now)).toBe(lifetime);
  });
});
