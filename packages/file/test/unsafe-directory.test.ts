import { once } from 'node:events';
import type { Stats, StatsFs } from 'node:fs';
import { chmod, chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf } from '@stet/core';
import { describe, expect } from 'vitest';
import { interceptDisk } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: '{}', expiresAt: Date.UTC(2100, 0) };

async function refusalOf(directory: string): Promise<{ code: string; retryable: boolean; message: string }> {
  const store = patientStore({ directory });
  return store.create(id, draft).then(
    () => expect.unreachable('the directory was taken'),
    (error) => error,
  );
}

describe('a directory that others can change', () => {
  test.for(['777', '757', '1777', '2777', '702'])(
    'with mode %s is refused, and nothing is put there',
    async (mode, { directory }) => {
      await chmod(directory, Number.parseInt(mode, 8));
      const { code, retryable, message } = await refusalOf(directory);
      expect({ code, retryable }).toEqual({ code: 'STORE_UNAVAILABLE', retryable: false });
      expect(message).toContain(`mode ${mode}`);
      expect(message).toContain('chmod o-w');
      expect(await readdir(directory)).toEqual([]);
    },
  );

  test('is taken once its mode is right, by the same store', async ({ directory }) => {
    const store = patientStore({ directory });
    await chmod(directory, 0o777);
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await chmod(directory, 0o755);
    expect(await store.load(id)).toBeNull();
  });

  test('can hold one that the store makes for its user alone', async ({ directory }) => {
    await chmod(directory, 0o777);
    const store = patientStore({ directory: join(directory, 'sessions') });
    expect(await store.create(id, draft)).toMatchObject(draft);
  });

  test.for(['700', '750', '755', '770', '775', '2775'])('is not one with mode %s', async (mode, { directory }) => {
    await chmod(directory, Number.parseInt(mode, 8));
    expect(await patientStore({ directory }).load(id)).toBeNull();
  });

  test('because it belongs to another user is refused', async ({ directory }) => {
    const restore = await giveAway(directory);
    const { code, retryable, message } = await refusalOf(directory).finally(restore);
    expect({ code, retryable }).toEqual({ code: 'STORE_UNAVAILABLE', retryable: false });
    expect(message).toContain('uid 1234');
    expect(await readdir(directory)).toEqual([]);
  });
});

/** Makes a directory somebody else's. Only root can; for others the disk says so. */
async function giveAway(directory: string): Promise<() => void> {
  if (process.geteuid?.() === 0) {
    await chown(directory, 1234, 1234);
    return () => {};
  }
  return interceptDisk(directory, async ({ name }, proceed) => {
    const result = await proceed();
    return name === 'stat' ? Object.assign(result as Stats, { uid: 1234 }) : result;
  });
}

describe('a network file system', () => {
  /** Makes the disk say that a file system is of this type. */
  const withType = (directory: string, type: number): (() => void) =>
    interceptDisk(directory, async ({ name }, proceed) => {
      const result = await proceed();
      return name === 'statfs' ? Object.assign(result as StatsFs, { type }) : result;
    });

  test.for<[string, number]>([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['CIFS', 0xff534d42 | 0],
    ['SMB', 0xfe534d42],
    ['AFS', 0x5346414f],
  ])('of the kind %s (%i) is refused, and nothing is put there', async ([kind, type], { directory }) => {
    const restore = withType(directory, type);
    const { code, retryable, message } = await refusalOf(directory).finally(restore);
    expect({ code, retryable }).toEqual({ code: 'STORE_UNAVAILABLE', retryable: false });
    expect(message).toContain(`network file system (${kind})`);
    expect(await readdir(directory)).toEqual([]);
  });

  test.for<[string, number]>([
    ['FUSE', 0x65735546],
    ['9P', 0x01021997],
    ['vboxsf', 0x786f4256],
  ])('is warned of where %s may be one', async ([kind, type], { directory }) => {
    const warned = once(process, 'warning');
    const restore = withType(directory, type);
    expect(await patientStore({ directory }).load(id).finally(restore)).toBeNull();
    const [warning] = await warned;
    expect(warning).toMatchObject({ code: 'STET_DOUBTFUL_FILE_SYSTEM' });
    expect(warning.message).toContain(kind);
  });

  test('is not what a local disk is taken for', async ({ directory }) => {
    const warnings: unknown[] = [];
    const listen = (warning: unknown): unknown => warnings.push(warning);
    process.on('warning', listen);
    await patientStore({ directory }).load(id);
    // Warnings are told in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});
