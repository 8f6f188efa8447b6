import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../directory/place.ts';
import { corrupt, ifPossible, isDiskError } from '../disk/disk-error.ts';
import { writeNew } from '../disk/new-file.ts';
import { ContentCache } from './content-cache.ts';
import { type ContentKey, keyForm, keyName, keyOf } from './content-key.ts';
import { type Content, decode, encode } from './content-text.ts';

const form = new RegExp(`^([0-9a-f]{64})\\.${keyForm}$`);

export function contentName(id: string, key: ContentKey): string {
  return `${id}.${keyName(key)}`;
}

/** The session and the key that a content file is named by, or `null` for any other name. */
export function parseContentName(name: string): { readonly id: string; readonly key: ContentKey } | null {
  const [, id, generation, nonce, subject] = form.exec(name) ?? [];
  return id && generation && nonce ? { id, key: keyOf(generation, nonce, subject) } : null;
}

/** The sessions whose contents have this digest of a subject in their names. */
export function idsOfSubject(names: readonly string[], digest: string): string[] {
  const ids = names.map(parseContentName).filter((content) => content?.key.subject === digest);
  return Array.from(new Set(ids.flatMap((content) => content?.id ?? [])));
}

/** The contents of all sessions: one file each, and what this process remembers of them. */
export class ContentFiles {
  /** Whether what is written is to outlive a power failure. */
  readonly sync: boolean;
  readonly #remembered: ContentCache;

  constructor(sync: boolean, maxCachedBytes: number) {
    this.sync = sync;
    this.#remembered = new ContentCache(maxCachedBytes);
  }

  /** Writes content that no head names yet. */
  async write(place: Place, key: ContentKey, { data, subject }: Content): Promise<void> {
    const name = contentName(place.id, key);
    const content = subject === undefined ? { data } : { data, subject };
    await writeNew(join(place.shelfOf(key.subject), name), encode(name, content), this.sync);
    this.#remembered.set(name, content);
  }

  /** The content of a head, or `null` where its file is not there (any more). */
  async read(place: Place, key: ContentKey): Promise<Content | null> {
    const name = contentName(place.id, key);
    const remembered = this.#remembered.get(name);
    if (remembered) return remembered;
    const content = await readContent(join(place.shelfOf(key.subject), name), name);
    if (content) this.#remembered.set(name, content);
    return content;
  }

  async remove(place: Place, key: ContentKey): Promise<void> {
    const name = contentName(place.id, key);
    this.#remembered.delete(name);
    await ifPossible(unlink(join(place.shelfOf(key.subject), name)));
  }
}

async function readContent(path: string, name: string): Promise<Content | null> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      return await readWhole(file, name);
    } finally {
      await ifPossible(file.close());
    }
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    if (isDiskError(error, 'EISDIR', 'ELOOP')) throw corrupt('The content of the session is no regular file.');
    throw error;
  }
}

/** Most sessions fit into it, so that one call reads them. */
const firstReadBytes = 16_384;

/** Reads until the seal is right: asking the disk for the size, or for the end of the file, would be one more call. */
async function readWhole(file: FileHandle, name: string): Promise<Content> {
  let buffer = Buffer.allocUnsafe(firstReadBytes);
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    const content = bytesRead > 0 && length < buffer.length ? decode(name, buffer.subarray(0, length)) : null;
    if (content) return content;
    if (bytesRead === 0) throw corrupt('The content of the session is not what was written: its checksum differs.');
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(3 * length)]);
  }
}
