import { readFile } from 'node:fs/promises';

const document = new URL('../../../../docs/moving-in.md', import.meta.url);

/** What the document shows in a language, if it does so once. */
export async function shown(language: string): Promise<string> {
  const parts = (await readFile(document, 'utf8')).split(`\n\`\`\`${language}\n`);
  if (parts.length !== 2) throw new Error(`The document has ${parts.length - 1} blocks of ${language}, not one.`);
  return `${parts[1]?.split('\n```\n')[0]}\n`;
}

/** The program as a diff makes it. Whatever that takes out has to be there, once. */
export function applied(diff: string, program: string): string {
  let changed = program;
  for (const [, removed = '', added = ''] of diff.matchAll(/((?:^-.*\n)+)((?:^\+.*\n)+)/gm)) {
    const parts = changed.split(plain(removed));
    if (parts.length !== 2) throw new Error(`Not once in the program: ${removed}`);
    changed = parts.join(plain(added));
  }
  return changed;
}

function plain(lines: string): string {
  return lines.replaceAll(/^[-+]/gm, '');
}
