import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/**
 * What the layer above the store does, each with a tracing channel of its own: `tracing:stet:<operation>:start`,
 * `…:asyncEnd`, `…:error`.
 */
export type TracedOperation = 'open' | 'save' | 'regenerate' | 'reset' | 'destroy' | 'transact' | 'revoke' | 'sweep';

/** What a subscriber of a `stet:` channel is told. Never a token, never data. */
export interface TraceContext {
  readonly id?: string;
}

const channels: Record<TracedOperation, TracingChannel<TraceContext, TraceContext>> = {
  open: tracingChannel('stet:open'),
  save: tracingChannel('stet:save'),
  regenerate: tracingChannel('stet:regenerate'),
  reset: tracingChannel('stet:reset'),
  destroy: tracingChannel('stet:destroy'),
  transact: tracingChannel('stet:transact'),
  revoke: tracingChannel('stet:revoke'),
  sweep: tracingChannel('stet:sweep'),
};

export function traced<T>(operation: TracedOperation, context: TraceContext, work: () => Promise<T>): Promise<T> {
  const channel = channels[operation];
  return channel.hasSubscribers ? tell(channel, context, work) : work();
}

async function tell<T>(
  channel: TracingChannel<TraceContext, TraceContext>,
  context: TraceContext,
  work: () => Promise<T>,
): Promise<T> {
  let result: T | undefined;
  // Subscribers see what a traced promise resolves to. A job's result may be session data, so it takes another way.
  await channel.tracePromise(async () => {
    result = await work();
  }, context);
  return result as T;
}

const corruptRecords = channel('stet:corrupt-record');

/**
 * Tells the subscribers of the diagnostics channel `stet:corrupt-record` of a record that a listing had to leave out:
 * `{ id, error }`.
 */
export function reportCorruptRecord(id: string, error: unknown): void {
  corruptRecords.publish({ id, error });
}

/** Why a session ended, where it did not just run out unseen. */
export type EndReason =
  /** Its visitor left: `session.destroy()`. */
  | 'destroyed'
  /** Its visitor goes on in a new one: `session.reset()`. */
  | 'reset'
  /** `sessions.revoke(id)` */
  | 'revoked'
  /** `sessions.revokeSubject(subject)` */
  | 'subject-revoked'
  /** Its subject signed in once more than `maxSessionsPerSubject` allows. */
  | 'surplus'
  /** It was opened after its time. */
  | 'expired';

const endedSessions = channel('stet:session-ended');

/**
 * Tells the subscribers of the diagnostics channel `stet:session-ended` which session ended and why: `{ id, reason }`.
 */
export function reportEnd(id: string, reason: EndReason): void {
  endedSessions.publish({ id, reason });
}
