import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startMariaDb, startMemcached, startPostgres, startRedis } from '@stet/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A program that a document shows: it imports what it needs, and says beside each line that it prints what that is. */
interface Example {
  readonly document: string;
  readonly code: string;
  readonly prints: string;
}

const examples: Example[] = [];
for await (const document of glob(['packages/*/README.md', 'conformance/README.md', 'docs/*.md'], { cwd: root })) {
  const text = await readFile(join(root, document), 'utf8');
  for (const [, code = ''] of text.matchAll(/^```[jt]s\n(.*?)^```/gms)) {
    const prints = Array.from(code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm), ([, line]) => `${line}\n`).join('');
    if (code.startsWith('import ') && prints !== '') examples.push({ document, code, prints });
  }
}

/** The servers that the documents assume on their usual ports, and those of the tests' own. */
const places = new Map<string, string>();
const stops: Array<() => Promise<void>> = [];
beforeAll(async () => {
  const [redis, memcached, postgres, mariaDb] = await Promise.all([
    startRedis(),
    startMemcached(),
    startPostgres(),
    startMariaDb(),
  ]);
  stops.push(redis.stop, memcached.stop, postgres.stop, mariaDb.stop);
  places
    .set('redis://127.0.0.1:6379', redis.url)
    .set('127.0.0.1:11211', memcached.address)
    .set('postgres://stet@127.0.0.1:5432/postgres', postgres.url)
    .set('mysql://stet@127.0.0.1:3306/stet', mariaDb.url);
});
afterAll(() => Promise.all(stops.map((stop) => stop())));

async function outputOf({ document, code }: Example): Promise<string> {
  // In the package of the document, so that its imports are found; git ignores it.
  const home = document.startsWith('docs/') ? join(root, 'scripts') : join(root, dirname(document));
  const program = join(home, `example-${process.pid}-${Math.random().toString(36).slice(2)}.tmp.mts`);
  const folder = await mkdtemp(join(tmpdir(), 'stet-example-'));
  try {
    await writeFile(
      program,
      Array.from(places).reduce((text, [usual, own]) => text.replaceAll(usual, own), code),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder });
    return stdout;
  } finally {
    await rm(program);
    await rm(folder, { recursive: true });
  }
}

describe('the programs in the documents print what they say', () => {
  it.each(examples)('$document', async (example) => {
    expect(await outputOf(example)).toBe(example.prints);
  });

  it('each store has one', () => {
    const documents = new Set(examples.map(({ document }) => document));
    expect([...documents].sort()).toEqual(
      expect.arrayContaining(
        ['core', 'file', 'knex', 'memcached', 'redis', 'tiered'].map((name) => `packages/${name}/README.md`),
      ),
    );
  });
});
