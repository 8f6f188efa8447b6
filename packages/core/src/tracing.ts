import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/** What the layer above the store does, each with a tracing channel of its own: `tracing:stet:<operation>:start`, `…:asyncEnd`, `…:error`. */
export type TracedOperation = 'open' | 'save' | 'regenerate' | 'destroy' | 'transact' | 'revoke' | 'sweep';

/** What a subscriber of a `stet:` channel is told. Never a token, never data. */
export interface TraceContext {
  readonly id?: string;
}

const channels = new Map<TracedOperation, TracingChannel<TraceContext, TraceContext>>();

export function traced<T>(operation: TracedOperation, context: TraceContext, work: () => Promise<T>): Promise<T> {
  let channel = channels.get(operation);
  if (!channel) {
    channel = tracingChannel(`stet:${operation}`);
    channels.set(operation, channel);
  }
  return channel.hasSubscribers ? channel.tracePromise(work, context) : work();
}

const corruptRecords = channel('stet:corrupt-record');

/** Tells the subscribers of the diagnostics channel `stet:corrupt-record` of a record that a listing had to leave out: `{ id, error }`. */
export function reportCorruptRecord(id: string, error: unknown): void {
  corruptRecords.publish({ id, error });
}
