import { hash } from 'node:crypto';

/** What a content file is named by, besides the id of its session. The head of the session holds the same. */
export interface ContentKey {
  /**
   * One more than that of the head that this one supersedes, whatever their revisions: 1 in a creation, 0 in a lease.
   * It tells of content that no head names (yet) whether one still can.
   */
  readonly generation: number;
  /** New with each generation, so that no name of a file comes back. It also lets a write recognise itself. */
  readonly nonce: string;
  /** The digest of the session's subject, or `''` where it has none. The directory of the content follows from it. */
  readonly subject: string;
}

/** The parts of a key, as they stand at the end of a name. {@link keyOf} reads what this finds. */
export const keyForm: string = String.raw`(0|[1-9]\d*)\.([0-9a-f]{32})(?:\.([0-9a-f]{32}))?`;

export function keyName({ generation, nonce, subject }: ContentKey): string {
  return subject === '' ? `${generation}.${nonce}` : `${generation}.${nonce}.${subject}`;
}

export function keyOf(generation: string, nonce: string, subject = ''): ContentKey {
  return { generation: Number(generation), nonce, subject };
}

/** Half of a SHA-256: two subjects of one digest would cost a needless look, no more. */
export function subjectDigest(subject: string | undefined): string {
  return subject === undefined ? '' : hash('sha256', subject, 'hex').slice(0, 32);
}
