import type { Session } from '../session.ts';

/** What `console.log` shows: never a token, and no values. */
export function shownBy(
  this: Session,
  _depth: number,
  options: object,
  inspect: (shown: object, options: object) => string,
): string {
  const { state } = this;
  return `Session ${inspect(this.isLoaded ? { id: this.id, state, keys: keysOf(this) } : { state }, options)}`;
}

function keysOf(session: Session): string[] | string {
  try {
    return Object.keys(session.data);
  } catch {
    return 'cannot be read';
  }
}
