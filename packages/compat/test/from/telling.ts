import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { expect, onTestFinished } from 'vitest';

/** Text that must not come up in anything that is told: it looks like an id that a library gave. */
export const canary = 'canary-Zk3vT0qW9_xYb';

const channels = ['stet:corrupt-record', 'stet:migrating:moved', 'stet:migrating:left-behind'];

/** What has been told on the channels since. */
export function heard(): readonly unknown[] {
  const messages: unknown[] = [];
  const listen = (message: unknown): void => void messages.push(message);
  for (const channel of channels) subscribe(channel, listen);
  onTestFinished(() => {
    for (const channel of channels) unsubscribe(channel, listen);
  });
  return messages;
}

/** The error of a call that has to fail. */
export async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`it gave ${inspect(value)}`),
    (error: unknown) => error,
  );
}

/** All that can be found in a value, at any depth, own properties that are hidden included. */
export function everythingIn(value: unknown): string {
  return inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
  });
}
