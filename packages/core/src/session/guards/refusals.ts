import { SessionStateError } from '../session-error.ts';

export function refuseChange(): never {
  throw new SessionStateError(
    'The session is read-only, was destroyed, or was committed to the response already: nothing would save the change.',
  );
}

export function refuseCallback(method: string, given: unknown): void {
  if (typeof given === 'function')
    throw new TypeError(`session.${method}() takes no callback: await the promise that it returns.`);
}

export function noTokenForVisitor(): SessionStateError {
  return new SessionStateError(
    'Only a request can move a session to a new token, as a change of its subject does, because its response carries ' +
      'the cookie; a job or a socket can destroy or revoke the session.',
  );
}

export function unknownProperty(key: string): SessionStateError {
  return new SessionStateError(`A session has no property ${key} to set: use session.data.${key}, which is saved.`);
}
