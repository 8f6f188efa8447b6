import { isSessionError, isStoreError } from '@stet/core';
import { statusOf } from '@stet/http/express';

/** What went wrong, as a page tells it. */
export interface Failure {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

/** A request that the shop does not carry out. */
export class Refusal extends Error implements Failure {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly title: string;
  readonly text: string;

  constructor(status: number, title: string, text: string) {
    super(title);
    this.status = status;
    this.title = title;
    this.text = text;
  }
}

const ended: Failure = {
  status: 409,
  title: 'Your session has ended',
  text: 'It was signed out, here or on another device, while this request was under way. Nothing was changed.',
};

const overtaken: Failure = {
  status: 409,
  title: 'Something else came first',
  text: 'Other requests of yours changed the same things at the same moment. Nothing was changed by this one: try again.',
};

const storeDown: Failure = {
  status: 503,
  title: 'The shop cannot reach its memory',
  text: 'Your session is safe and you are still signed in: it just cannot be read or written now. Try again in a moment.',
};

const badRequest: Failure = {
  status: 400,
  title: 'Not understood',
  text: 'That request was not what a form here sends.',
};

const bug: Failure = { status: 500, title: 'That was our mistake', text: 'Nothing was changed. It has been noted.' };

export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return error;
  if (isStoreError(error) && statusOf(error) === 503) return storeDown;
  if (isSessionError(error) && error.code === 'SESSION_CONFLICT') return overtaken;
  if (isSessionError(error) && error.code !== 'SESSION_STATE') return ended;
  return isClientError(error) ? badRequest : bug;
}

/** As Express and its body parser mark them. */
function isClientError(error: unknown): boolean {
  return error instanceof Error && 'status' in error && Number(error.status) >= 400 && Number(error.status) < 500;
}
