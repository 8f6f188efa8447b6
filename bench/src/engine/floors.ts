import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { generateToken, idOf, MemoryStore } from '@stet/core';
import { sample } from './sample.ts';

/** What no library can do without that keeps sessions as JSON and notices changes. */
export interface Floors {
  /** A load, one `JSON.parse`, one `JSON.stringify`, one comparison. */
  read(): Promise<void>;
  /** The same, and one `update` with the text that was compared. */
  change(): Promise<void>;
}

const hourMs = 3_600_000;

/** With a key the text is encrypted with AES-256-GCM, as plainly as that can be done. */
export async function floors(key: KeyObject | undefined): Promise<Floors> {
  const store = new MemoryStore();
  const id = idOf(generateToken());
  const seal = (text: string) => (key ? encrypt(text, key) : text);
  const open = (data: string) => (key ? decrypt(data, key) : data);
  await store.create(id, { data: seal(JSON.stringify(sample)), expiresAt: Date.now() + hourMs });

  async function load() {
    const record = await store.load(id);
    if (!record) throw new Error('The session is not there.');
    const text = open(record.data);
    return { record, text, values: JSON.parse(text) as Record<string, unknown> };
  }

  return {
    async read() {
      const { text, values } = await load();
      if (JSON.stringify(values) !== text) throw new Error('The session has changed.');
    },
    async change() {
      const { record, text, values } = await load();
      values.visits = (values.visits as number) + 1;
      const changed = JSON.stringify(values);
      if (changed === text) throw new Error('The session has not changed.');
      await store.update(id, record, { data: seal(changed), expiresAt: Date.now() + hourMs });
    },
  };
}

function encrypt(text: string, key: KeyObject): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64url');
}

function decrypt(data: string, key: KeyObject): string {
  const sealed = Buffer.from(data, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
}
