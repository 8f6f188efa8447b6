import { readFile } from 'node:fs/promises';

/** The only diff that a document shows, as what it takes out of a program and what it puts there. */
export async function diffIn(document: URL): Promise<ReadonlyArray<readonly [removed: string, added: string]>> {
  const blocks = Array.from((await readFile(document, 'utf8')).matchAll(/^```diff\n(.*?)^```/gms));
  if (blocks.length !== 1) throw new Error(`${document} has ${blocks.length} diffs, not one.`);
  const hunks = Array.from((blocks[0]?.[1] ?? '').matchAll(/((?:^-.*\n)+)((?:^\+.*\n)+)/gm));
  return hunks.map(([, removed = '', added = '']) => [plain(removed), plain(added)]);
}

/** The program as the diff makes it. Each line that it takes out has to be there, once. */
export function applied(diff: Awaited<ReturnType<typeof diffIn>>, program: string): string {
  let changed = program;
  for (const [removed, added] of diff) {
    if (changed.split(removed).length !== 2) throw new Error(`Not once in the program: ${removed}`);
    changed = changed.replace(removed, () => added);
  }
  return changed;
}

function plain(lines: string): string {
  return lines.replaceAll(/^[-+]/gm, '');
}
