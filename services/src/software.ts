import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';

/** A server that the tests run instances of. */
export interface Software {
  /** The Debian packages that bring it. */
  readonly packages: readonly string[];
  /** A command on the path, or the pattern of an absolute path; of several matches the last one counts. */
  readonly binary: string;
}

/** The path of a server's binary. Where it is missing the error says by which command to get it. */
export function requireBinary(software: Software): string {
  const path = findBinary(software);
  if (path === undefined) throw new Error(`${software.binary} is missing. Run: ${installCommand(software.packages)}`);
  return path;
}

export function findBinary({ binary }: Software): string | undefined {
  if (binary.startsWith('/')) return globSync(binary).sort().at(-1);
  try {
    return execFileSync('sh', ['-c', 'command -v "$0"', binary], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** How to install packages by hand, for whoever may not do it from here. */
export function installCommand(packages: readonly string[]): string {
  return `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}
