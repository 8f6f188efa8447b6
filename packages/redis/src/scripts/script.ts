import { hash } from 'node:crypto';

/** A program that the server runs in one step, on one key. */
export interface Script {
  readonly source: string;
  /** By which the server knows it once it has seen the source. */
  readonly sha: string;
}

export function script(source: string): Script {
  return { source, sha: hash('sha1', source) };
}
