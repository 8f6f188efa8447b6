import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
const tellPort = new URL('./tell-port.mjs', import.meta.url).href;

/** A program that a document shows, as it stands there. */
export interface Example {
  readonly code: string;
  readonly language: string;
}

/** The first block of code under a heading of a document, or in all of it. */
export async function exampleOf(document: string, heading = ''): Promise<Example> {
  const text = await readFile(join(root, document), 'utf8');
  const [, language, code] = /```(js|ts)\n([\s\S]*?)```/.exec(text.slice(text.indexOf(heading))) ?? [];
  if (!text.includes(heading) || !language || !code) throw new Error(`${document} has no example under “${heading}”.`);
  return { code, language };
}

/** An application that a document shows, with a folder of its own to run in. */
export async function exampleSite({ code, language }: Example): Promise<{ start(): Promise<Site> }> {
  const folder = await mkdtemp(join(tmpdir(), 'stet-example-'));
  // In the package, so that its imports are found; git ignores it.
  const program = join(import.meta.dirname, `example-${randomUUID()}.tmp.m${language}`);
  await writeFile(program, code);
  onTestFinished(async () => {
    await rm(program);
    await rm(folder, { recursive: true });
  });
  return { start: () => start(program, folder) };
}

export interface Site {
  readonly origin: string;
  kill(): Promise<void>;
}

/** Runs the program on a free port in place of 3000. */
async function start(program: string, cwd: string): Promise<Site> {
  const site = spawn(process.execPath, ['--import', tellPort, program], {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(site, 'exit');
  async function kill(): Promise<void> {
    site.kill('SIGKILL');
    await exited;
  }
  onTestFinished(kill);
  const failed = exited.then(([code]) => Promise.reject(new Error(`The example ended with ${code}.`)));
  failed.catch(() => {});
  const [port] = await Promise.race([once(site, 'message'), failed]);
  return { origin: `http://localhost:${port}`, kill };
}
