import { access, readdir, readFile, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LegacySessions } from '../kept/legacy-sessions.ts';
import { type Ask, type Left, legacySessions, parseSession, type ReaderOptions } from './left-behind.ts';

export interface SessionFileStoreOptions extends ReaderOptions {
  /** What the library was given. Default `./sessions`. */
  readonly path?: string;
  /** What the library was given. Default `.json`. */
  readonly fileExtension?: string;
  /**
   * The library's `ttl`, in milliseconds: how long a session lives from its last use whose cookie has no `maxAge`.
   * Default one hour.
   */
  readonly ttlMs?: number;
}

const readAtOnce = 100;

/**
 * The sessions that session-file-store left behind, without its `__lastAccess`, from which their end is reckoned. Files
 * that it encrypted (`secret`) or encoded otherwise than as JSON are corrupt here. No read is repeated, as the library
 * does: it puts files in place by renaming them, so that one that is half written is never seen.
 */
export function sessionFileStore({
  path = './sessions',
  fileExtension = '.json',
  ttlMs = 3_600_000,
  ...options
}: SessionFileStoreOptions = {}): LegacySessions {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw new TypeError('path is that of a folder.');
  if (typeof fileExtension !== 'string' || fileExtension !== basename(`x${fileExtension}`).slice(1)) {
    throw new TypeError('fileExtension is the end of a file name.');
  }

  /** `null`: that can be no file of the folder. */
  function fileOf(sid: string): string | null {
    const name = sid + fileExtension;
    return basename(name) === name && name !== '.' && name !== '..' ? join(path, name) : null;
  }

  async function find(sid: string): Promise<Left | null> {
    const file = fileOf(sid);
    const text = file && (await readFile(file, 'utf8').catch(missing(path)));
    if (!text && text !== '') return null;
    const { __lastAccess, ...session } = parseSession(text);
    const { originalMaxAge } = (session.cookie ?? {}) as { originalMaxAge?: number | null };
    const lastAccess = typeof __lastAccess === 'number' ? __lastAccess : Number.NaN;
    return { session, endsAt: lastAccess + (originalMaxAge || ttlMs) };
  }

  async function remove(sid: string): Promise<boolean> {
    const file = fileOf(sid);
    return file !== null && (await unlink(file).then(() => true, missing(path))) === true;
  }

  async function* sids(ask: Ask): AsyncGenerator<readonly string[]> {
    const found = await ask(() => readdir(path, { withFileTypes: true }));
    const names = found.filter((entry) => entry.isFile() && entry.name.endsWith(fileExtension)).map(({ name }) => name);
    for (let at = 0; at < names.length; at += readAtOnce) {
      yield names.slice(at, at + readAtOnce).map((name) => name.slice(0, name.length - fileExtension.length));
    }
  }

  return legacySessions({ find, remove, sids }, options);
}

/** A file that is missing, or whose name is too long for one, is no session; a folder that is missing is a failure. */
function missing(path: string): (error: NodeJS.ErrnoException) => Promise<null> {
  return async (error) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENAMETOOLONG') throw error;
    await access(path);
    return null;
  };
}
