import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

const mostColumns = 120;
const comment = /^\s*(\/\/|\/\*|\*)/;
/** What cannot be broken: a row of a table, and a line that one word makes too long. */
const unbreakable = /^\s*\||^\s*\S*\s?\S+$/;

/** The lines of documents and comments in tracked files that are too long to read beside each other. */
export async function longLines(root: string): Promise<string[]> {
  const files = (await runCommand('git', ['ls-files', '-z', '*.md', '*.ts', '*.mjs', '*.js'], root)).split('\0');
  return files.filter(Boolean).flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    return longLinesOf(lines, file.endsWith('.md')).map((line) => `${file}:${line}`);
  });
}

/** The numbers of the lines that are too long, with how they begin. */
export function longLinesOf(lines: readonly string[], isDocument: boolean): string[] {
  let isCode = false;
  return lines.flatMap((line, index) => {
    if (isDocument && line.trimStart().startsWith('```')) isCode = !isCode;
    const isProse = isDocument ? !isCode : comment.test(line);
    const isTooLong = isProse && line.length > mostColumns && !unbreakable.test(line);
    return isTooLong ? [`${index + 1}: ${line.slice(0, 60)}…`] : [];
  });
}
