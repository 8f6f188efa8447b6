import { type CipherGCM, createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { StoreError } from '../contract/store-error.ts';
import type { Codec } from './codec.ts';
import { JsonCodec } from './json-codec.ts';

/** One key of the ring. */
export interface EncryptionKey {
  /** Names the key in what it encrypted: 1 to 32 letters, digits, `_` or `-`. Never give the same name to another key. */
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

export interface EncryptedCodecOptions {
  /** The first key encrypts, all decrypt: to rotate, put a new key in front, and drop the old one when no session is left that it encrypted. */
  readonly keys: readonly EncryptionKey[];
  /** How data becomes the text that is encrypted. Default {@link JsonCodec}. */
  readonly codec?: Codec;
}

const format = 'e1';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts session data with AES-256-GCM. What it encrypted for one session cannot be read, or passed off as another's, by whoever holds
 * the store. Putting back an older record of the same session is not noticed. Each session has a key of its own
 * (HKDF), so that random nonces stay far below the limit of NIST SP 800-38D, 2^32 messages under one key.
 */
export class EncryptedCodec implements Codec {
  readonly #codec: Codec;
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #current: EncryptionKey;

  constructor({ keys, codec = new JsonCodec() }: EncryptedCodecOptions) {
    const [current] = keys;
    if (!current) throw new TypeError('An EncryptedCodec needs at least one key.');
    for (const { id, secret } of keys) {
      if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw new TypeError('The id of a key is 1 to 32 letters, digits, _ or -.');
      if (secret.byteLength !== 32)
        throw new TypeError(`The secret of key ${id} must have 32 bytes, e.g. randomBytes(32).`);
    }
    this.#current = current;
    this.#keys = new Map(keys.map(({ id, secret }) => [id, secret]));
    if (this.#keys.size < keys.length) throw new TypeError('Two keys have the same id.');
    this.#codec = codec;
  }

  encodeValue(value: unknown): string | undefined {
    return this.#codec.encodeValue(value);
  }

  decodeValue(text: string): unknown {
    return this.#codec.decodeValue(text);
  }

  encode(values: ReadonlyMap<string, string>, id: string): string {
    const { id: keyId, secret } = this.#current;
    const iv = randomBytes(ivBytes);
    const cipher: CipherGCM = createCipheriv('aes-256-gcm', sessionKey(secret, id), iv);
    cipher.setAAD(boundTo(keyId, id));
    const sealed = Buffer.concat([
      iv,
      cipher.update(this.#codec.encode(values, id), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${format}.${keyId}.${sealed.toString('base64url')}`;
  }

  decode(data: string, id: string): Map<string, string> {
    const [stated, keyId = '', sealed = '', ...rest] = data.split('.');
    const secret = this.#keys.get(keyId);
    if (stated !== format || rest.length > 0) throw corrupt('The session was not encrypted by this codec.');
    if (!secret)
      throw corrupt(`The key ${JSON.stringify(keyId)} that the session was encrypted with is not in the ring.`);
    return this.#codec.decode(open(Buffer.from(sealed, 'base64url'), sessionKey(secret, id), boundTo(keyId, id)), id);
  }
}

function open(sealed: Buffer, key: Uint8Array, aad: Buffer): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw corrupt('The session was changed since it was encrypted, or belongs to another id.', cause);
  }
}

function sessionKey(secret: Uint8Array, id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `stet session ${id}`, 32));
}

function boundTo(keyId: string, id: string): Buffer {
  return Buffer.from(`${format}.${keyId}.${id}`);
}

function corrupt(message: string, cause?: unknown): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', message, { cause });
}
