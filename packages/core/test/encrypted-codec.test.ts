import { randomBytes } from 'node:crypto';
import { EncryptedCodec, generateToken, idOf, isStoreError, MemoryStore, Sessions } from '@stet/core';
import { describe, expect, it } from 'vitest';

const old = { id: 'old', secret: randomBytes(32) };
const young = { id: 'young', secret: randomBytes(32) };
const id = idOf(generateToken());
const text = '{"card":"4111"}';

function expectCorrupt(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(isStoreError(error) && error.code).toBe('STORE_CORRUPT_RECORD');
    return;
  }
  expect.fail('was accepted');
}

describe('EncryptedCodec', () => {
  it('gives back what it encrypted, which shows nothing', () => {
    const codec = new EncryptedCodec({ keys: [old] });
    const data = codec.seal(text, id);
    expect(data).not.toContain('4111');
    expect(data).not.toContain(Buffer.from('4111').toString('base64url'));
    expect(codec.open(data, id)).toBe(text);
    expect(codec.seal(text, id)).not.toBe(data);
  });

  it('refuses data under another id', () => {
    const codec = new EncryptedCodec({ keys: [old] });
    expectCorrupt(() => codec.open(codec.seal(text, id), idOf(generateToken())));
  });

  it('refuses data with any bit flipped, cut short or of another format', () => {
    const codec = new EncryptedCodec({ keys: [old] });
    const data = codec.seal(text, id);
    const [format, key, sealed = ''] = data.split('.');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expectCorrupt(() => codec.open(`${format}.${key}.${flipped.toString('base64url')}`, id));
    }
    for (let length = 0; length < data.length; length += 1) expectCorrupt(() => codec.open(data.slice(0, length), id));
    expectCorrupt(() => codec.open('{"card":"4111"}', id));
  });

  it('rotates keys: the first encrypts, all decrypt, a dropped one is missed by name', () => {
    const before = new EncryptedCodec({ keys: [old] });
    const during = new EncryptedCodec({ keys: [young, old] });
    const after = new EncryptedCodec({ keys: [young] });
    expect(during.open(before.seal(text, id), id)).toBe(text);
    expect(after.open(during.seal(text, id), id)).toBe(text);
    expectCorrupt(() => after.open(before.seal(text, id), id));
  });

  it('refuses keys that cannot protect', () => {
    expect(() => new EncryptedCodec({ keys: [] })).toThrow(TypeError);
    expect(() => new EncryptedCodec({ keys: [{ id: 'k', secret: randomBytes(31) }] })).toThrow(TypeError);
    expect(() => new EncryptedCodec({ keys: [{ id: 'a.b', secret: randomBytes(32) }] })).toThrow(TypeError);
    expect(() => new EncryptedCodec({ keys: [old, { ...young, id: 'old' }] })).toThrow(TypeError);
  });

  it('carries sessions through saves, merges and rotation, and keeps their markers from being forged', async () => {
    const store = new MemoryStore();
    const sessions = new Sessions<{ a?: number; b?: number }>({
      store,
      codec: new EncryptedCodec({ keys: [young, old] }),
    });
    const first = await sessions.open();
    first.data.a = 1;
    await first.save();
    const [left, right] = await Promise.all([sessions.open(first.token), sessions.open(first.token)]);
    left.data.a = 2;
    right.data.b = 3;
    await Promise.all([left.save(), right.save()]);
    await left.regenerate({ graceMs: 60_000 });
    const follower = await sessions.open(first.token);
    expect(follower.id).toBe(left.id);
    expect({ ...follower.data }).toEqual({ a: 2, b: 3 });

    const victim = await sessions.open();
    victim.data.a = 9;
    await victim.save();
    const record = await store.load(victim.id);
    if (!record) return expect.fail('the victim is stored');
    await store.update(victim.id, record, { ...record, data: `@stet/moved ${left.id} 9999999999999` });
    await expect(sessions.open(victim.token)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    const beaten = await store.load(victim.id);
    if (!beaten) return expect.fail('the victim is stored');
    // A session passed off as a marker, and a marker as a session.
    await store.update(victim.id, beaten, { ...record, data: `@stet/${record.data}` });
    await expect(sessions.open(victim.token)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    const marker = await store.load(first.id);
    if (!marker) return expect.fail('the marker is stored');
    await store.update(first.id, marker, { ...marker, data: marker.data.replace('@stet/', '') });
    const unmarked = await sessions.open(first.token);
    expect(() => unmarked.data).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT_RECORD' }));
  });
});
