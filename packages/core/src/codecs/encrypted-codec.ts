import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { StoreError } from '../contract/store-error.ts';
import type { Codec, SessionValues } from './codec.ts';
import { JsonCodec } from './json-codec.ts';

/** One key of the ring. */
export interface EncryptionKey {
  /**
   * Names the key in what it encrypted: 1 to 32 letters, digits, `_` or `-`. Never give the same name to another key.
   */
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

export interface EncryptedCodecOptions {
  /**
   * The first key encrypts, all decrypt: to rotate, put a new key in front, and drop the old one when no session is
   * left that it encrypted.
   */
  readonly keys: readonly EncryptionKey[];
  /** How data becomes the text that is encrypted. Default {@link JsonCodec}. */
  readonly codec?: Codec;
}

const format = 'e1';
const ivBytes = 12;
const tagBytes = 16;
const mostSessionKeys = 1_000;
const keyName = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Encrypts session data with AES-256-GCM. What it encrypted for one session cannot be read, or passed off as another's,
 * by whoever holds the store. Putting back an older record of the same session is not noticed. Each session has a key
 * of its own (HKDF), so that random nonces stay far below the limit of NIST SP 800-38D, 2^32 messages under one key.
 */
export class EncryptedCodec implements Codec {
  readonly #codec: Codec;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #currentId: string;
  /** The keys of sessions in use: a request that opens a session seals it, too. */
  readonly #sessionKeys = new Map<string, KeyObject>();

  constructor({ keys, codec = new JsonCodec() }: EncryptedCodecOptions) {
    const [current] = keys;
    if (!current) throw new TypeError('An EncryptedCodec needs at least one key.');
    for (const { id, secret } of keys) {
      if (!keyName.test(id)) throw new TypeError('The id of a key is 1 to 32 letters, digits, _ or -.');
      if (secret.byteLength !== 32)
        throw new TypeError(`The secret of key ${id} must have 32 bytes, e.g. randomBytes(32).`);
    }
    this.#currentId = current.id;
    this.#keys = new Map(keys.map(({ id, secret }) => [id, createSecretKey(secret)]));
    if (this.#keys.size < keys.length) throw new TypeError('Two keys have the same id.');
    this.#codec = codec;
  }

  encode(values: SessionValues): string {
    return this.#codec.encode(values);
  }

  decode(text: string): SessionValues {
    return this.#codec.decode(text);
  }

  assertLossless(values: SessionValues): void {
    this.#codec.assertLossless(values);
  }

  seal(text: string, id: string): string {
    const keyId = this.#currentId;
    const iv = randomBytes(ivBytes);
    const cipher: CipherGCM = createCipheriv('aes-256-gcm', this.#sessionKey(keyId, id), iv);
    cipher.setAAD(Buffer.from(boundTo(keyId, id)));
    const sealed = Buffer.concat([
      iv,
      cipher.update(this.#codec.seal(text, id), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${format}.${keyId}.${sealed.toString('base64url')}`;
  }

  open(data: string, id: string): string {
    const [stated, keyId = '', sealed = '', ...rest] = data.split('.');
    if (stated !== format || rest.length > 0 || !keyName.test(keyId))
      throw corrupt('The session was not encrypted by this codec.');
    const text = decrypt(Buffer.from(sealed, 'base64url'), this.#sessionKey(keyId, id), boundTo(keyId, id));
    return this.#codec.open(text, id);
  }

  /**
   * HKDF-Expand (RFC 5869 2.3) of one block. The secret is random already, so that nothing has to be extracted first
   * (3.3).
   */
  #sessionKey(keyId: string, id: string): KeyObject {
    const known = this.#sessionKeys.get(boundTo(keyId, id));
    if (known) return known;
    const secret = this.#keys.get(keyId);
    if (!secret) throw corrupt(`The key "${keyId}" that the session was encrypted with is not in the ring.`);
    const key = createSecretKey(createHmac('sha256', secret).update(`stet session ${id}\x01`).digest());
    if (this.#sessionKeys.size >= mostSessionKeys) this.#sessionKeys.clear();
    this.#sessionKeys.set(boundTo(keyId, id), key);
    return key;
  }
}

function decrypt(sealed: Buffer, key: KeyObject, aad: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(aad));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    throw corrupt('The session was changed since it was encrypted, or belongs to another id.');
  }
}

function boundTo(keyId: string, id: string): string {
  return `${format}.${keyId}.${id}`;
}

function corrupt(message: string): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', message);
}
