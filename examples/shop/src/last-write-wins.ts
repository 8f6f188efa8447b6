import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestHandler, Response } from 'express';

const cookieName = 'last-write-wins';
const cookie = new RegExp(`(?:^|; )${cookieName}=([0-9a-f-]{36})(?:;|$)`);

/**
 * For comparison, a session layer of the usual kind: it loads the session whole before the request and, where it was
 * changed, saves it whole before the answer. Nothing in it is sloppy: each save is atomic and synced to the same disk.
 * It only does not ask whether somebody else has saved meanwhile.
 */
export function lastWriteWins(directory: string): RequestHandler {
  return async (req, res, next) => {
    const id = idFrom(req.headers.cookie) ?? randomUUID();
    const file = join(directory, `${id}.json`);
    const loaded = await load(file);
    res.locals.session = JSON.parse(loaded);
    res.cookie(cookieName, id, { httpOnly: true, sameSite: 'lax' });
    beforeEnd(res, async () => {
      const text = JSON.stringify(res.locals.session);
      if (text !== loaded) await save(directory, file, text);
    });
    next();
  };
}

function idFrom(cookies = ''): string | undefined {
  return cookies.match(cookie)?.[1];
}

async function load(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
}

async function save(directory: string, file: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { flag: 'wx', flush: true });
  await rename(draft, file);
}

/** Holds the answer back until the work is done. */
function beforeEnd(res: Response, work: () => Promise<void>): void {
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  res.end = ((...args: unknown[]) => {
    work().then(
      () => end(...args),
      (error: Error) => res.destroy(error),
    );
    return res;
  }) as Response['end'];
}
