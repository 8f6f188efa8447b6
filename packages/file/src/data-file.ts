import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '@stet/core';
import { ifPossible, isDiskError } from './disk-error.ts';
import { writeNew } from './durable-write.ts';
import type { Head } from './head-name.ts';
import type { Place } from './place.ts';

/** What a data file holds; it is written once and never changed. */
export interface Content {
  readonly data: string;
  readonly subject?: string;
}

/** Which head a data file was written for. */
export type DataKey = Pick<Head, 'generation' | 'nonce'>;

const form = /^([0-9a-f]{64})\.([1-9]\d*)\.([0-9a-f]{32})$/;

function dataName(id: string, { generation, nonce }: DataKey): string {
  return `${id}.${generation}.${nonce}`;
}

/** The session and the head that a data file was written for, or `null` where the name is no data file's. */
export function parseDataName(name: string): (DataKey & { readonly id: string }) | null {
  const [, id, generation, nonce] = form.exec(name) ?? [];
  return id && nonce ? { id, generation: Number(generation), nonce } : null;
}

/** Writes content that no head names yet. */
export async function writeData(place: Place, key: DataKey, content: Content, sync: boolean): Promise<void> {
  const name = dataName(place.id, key);
  await writeNew(join(place.leaf, name), encode(name, content), sync);
}

/** The content of a head, or `null` where its file is not there (any more). */
export async function readData(place: Place, key: DataKey): Promise<Content | null> {
  const name = dataName(place.id, key);
  try {
    const file = await open(join(place.leaf, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      return decode(name, await file.readFile());
    } finally {
      await ifPossible(file.close());
    }
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    if (isDiskError(error, 'EISDIR', 'ELOOP')) throw corrupt('The data of the session is no regular file.', error);
    throw error;
  }
}

export async function removeData(place: Place, key: DataKey): Promise<void> {
  await ifPossible(unlink(join(place.leaf, dataName(place.id, key))));
}

export function corrupt(message: string, cause?: unknown): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', message, cause === undefined ? {} : { cause });
}

/** A line with the seal, a line with the subject as JSON, then the data. */
function encode(name: string, { data, subject }: Content): Buffer {
  const body = Buffer.from(`${JSON.stringify(subject ?? null)}\n${data}`);
  return Buffer.concat([seal(name, body), newline, body]);
}

function decode(name: string, bytes: Buffer): Content {
  const body = bytes.subarray(sealBytes + 1);
  const whole = Buffer.concat([seal(name, body), newline]).equals(bytes.subarray(0, sealBytes + 1));
  if (!whole) throw corrupt('The data of the session is not what was written: its checksum differs.');
  const end = body.indexOf(newline);
  const subject: unknown = JSON.parse(body.toString('utf8', 0, end));
  const data = body.toString('utf8', end + 1);
  return typeof subject === 'string' ? { data, subject } : { data };
}

/** The checksum covers the name, so that no file passes for another's. */
function seal(name: string, body: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', Buffer.concat([Buffer.from(name), newline, body]), 'hex'), 'latin1');
}

const newline = Buffer.from('\n');
const sealBytes = 64;
