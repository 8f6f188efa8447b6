import { execFileSync } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type ErrorTexts, errorTexts, leaksIn, nobody, secrets } from './canary.ts';
import { diskError, interceptDisk, recordCalls } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const worker = fileURLToPath(new URL('canary-worker.ts', import.meta.url));

/** Runs the worker as a user that permissions hold for. */
async function asNobody(fault: string, directory: string): Promise<ErrorTexts> {
  if (process.geteuid?.() === 0) await chown(directory, nobody, nobody);
  return JSON.parse(execFileSync(process.execPath, [worker, fault, directory], { encoding: 'utf8' })) as ErrorTexts;
}

test.for<[string, string]>([
  ['a leaf without permissions', 'STORE_UNAVAILABLE'],
  ['a session without permissions', 'STORE_UNAVAILABLE'],
  ['a content without permissions', 'STORE_UNAVAILABLE'],
  ['a leaf that is read-only', 'STORE_UNAVAILABLE'],
  ['a spoilt content', 'STORE_CORRUPT_RECORD'],
  ['two heads', 'STORE_CORRUPT_RECORD'],
])('no error that comes of %s tells of the session', async ([fault, code], { directory }) => {
  const { codes, texts } = await asNobody(fault, directory);
  expect(codes).toContain(code);
  expect(leaksIn(texts)).toEqual([]);
});

test('no error that comes of a full disk tells of the session', ({ directory }) => {
  const script = 'mount -t tmpfs -o size=2m,nr_inodes=4k,mode=700 none "$3" && exec "$0" "$1" "$2" "$3"';
  const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const args = [...namespace, 'sh', '-c', script, process.execPath, worker, 'a full disk', directory];
  const { codes, texts } = JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' })) as ErrorTexts;
  expect(codes).toContain('STORE_UNAVAILABLE');
  expect(leaksIn(texts)).toEqual([]);
});

test('no error that comes of a disk that fails at any one call tells of the session', async ({ directory }) => {
  const work = async (): Promise<ErrorTexts> => {
    await patientStore({ directory }).delete(secrets.id);
    const base = await patientStore({ directory }).create(secrets.id, secrets.draft);
    return errorTexts(patientStore({ directory }), base ?? undefined);
  };
  const calls = await recordCalls(directory, work);
  const names = new Set(calls.map(({ name }) => name));
  let failures = 0;
  for (const name of names) {
    const base = await patientStore({ directory }).create(secrets.id, secrets.draft);
    const restore = interceptDisk(directory, async (call, proceed) => {
      if (call.name === name) throw diskError('EIO', call);
      return proceed();
    });
    const { codes, texts } = await errorTexts(patientStore({ directory }), base ?? undefined).finally(restore);
    failures += codes.length;
    expect(leaksIn(texts), name).toEqual([]);
    await patientStore({ directory }).delete(secrets.id);
  }
  expect(failures).toBeGreaterThan(names.size);
});
