import { hash } from 'node:crypto';

/** What a content file holds; it is written once and never changed. */
export interface Content {
  readonly data: string;
  readonly subject?: string;
}

/** A line with the seal, a line with the subject in base64, then the data. */
export function encode(name: string, { data, subject = '' }: Content): Buffer {
  const body = Buffer.from(`${Buffer.from(subject).toString('base64')}\n${data}`);
  return Buffer.concat([seal(name, body), body]);
}

/** The content that was written under the name, or `null` for anything else, a part of it included. */
export function decode(name: string, bytes: Buffer): Content | null {
  const body = bytes.subarray(sealBytes);
  if (!seal(name, body).equals(bytes.subarray(0, sealBytes))) return null;
  const end = body.indexOf(newline);
  const subject = Buffer.from(body.toString('latin1', 0, end), 'base64').toString();
  const data = body.toString('utf8', end + 1);
  return subject === '' ? { data } : { data, subject };
}

/** The checksum covers the name, so that no file passes for another's. */
function seal(name: string, body: Uint8Array): Buffer {
  return Buffer.from(`${hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), body]), 'hex')}\n`, 'latin1');
}

const newline = 0x0a;
const sealBytes = 65;
