import { chmod, readdir, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorTexts, errorTexts, nobody, secrets } from './canary.ts';
import { patientStore } from './patient-store.ts';
import { contentOf, leafOf, sessionOf } from './stored-files.ts';

/** Meets a disk that fails, in a directory of its own, and prints what all errors say, as JSON. */
const [fault, directory = ''] = process.argv.slice(2);
const { id } = secrets;

const faults: Record<string, () => Promise<unknown>> = {
  'a leaf without permissions': () => chmod(leafOf(directory, id), 0),
  'a session without permissions': () => chmod(sessionOf(directory, id), 0),
  'a content without permissions': async () => chmod(await contentOf(directory, id), 0),
  'a leaf that is read-only': () => chmod(leafOf(directory, id), 0o500),
  'a spoilt content': async () => truncate(await contentOf(directory, id), 80),
  'two heads': async () => {
    const [head = ''] = await readdir(sessionOf(directory, id));
    await writeFile(join(sessionOf(directory, id), head.replace(/\.\d+\./, '.7.')), '');
  },
  'a full disk': async () => {
    await writeFile(join(directory, '.filler'), '');
    const { bavail, bsize } = await statfs(directory);
    await writeFile(join(directory, '.filler'), Buffer.alloc(bavail * bsize, 1));
  },
};

if (process.geteuid?.() === 0 && fault !== 'a full disk') {
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
}
const store = patientStore({ directory });
const base = await store.create(id, secrets.draft);
await faults[fault ?? '']?.();
const texts: ErrorTexts = await errorTexts(patientStore({ directory }), base ?? undefined);
// So that whoever made the directory can remove it.
await chmod(leafOf(directory, id), 0o700);
await chmod(sessionOf(directory, id), 0o700).catch(() => {});
console.log(JSON.stringify(texts));
