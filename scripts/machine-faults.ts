import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

const homeFolder = /(?<![\w.$}-])\/(?:home|Users|root)\/[\w.-]+|\b[A-Z]:\\Users\\/;
const lockedUrl = /\b(?:tarball|resolved):|https?:\/\//;
const registryHost = new RegExp(['registry', '(npmjs|yarnpkg|npmmirror)'].join(String.raw`\.`));

/** The lines of tracked files that only make sense on one machine or with one registry. */
export async function machineFaults(root: string): Promise<string[]> {
  const files = (await runCommand('git', ['ls-files', '-z'], root)).split('\0').filter(Boolean);
  return files.flatMap((file) => {
    const forbidden = file === 'pnpm-lock.yaml' ? [homeFolder, lockedUrl] : [homeFolder, registryHost];
    return readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        forbidden.some((pattern) => pattern.test(line)) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      );
  });
}
