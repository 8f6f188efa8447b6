import { isSessionError } from '@stet/core';
import { type Cart, itemsIn } from './cart.ts';
import { send, wasSent } from './outbox.ts';
import type { ShopData, ShopSession, ShopSessions } from './sessions.ts';
import { userOf } from './users.ts';

/** The worker's note about a cart, under a key of its own, so that it and the visitor never write over each other. */
export interface Reminder {
  /** The cart that was found abandoned. */
  readonly cart: string;
  readonly at: number;
  /** `'due'` from the flag to the moment the mail has gone out; `'none'` where the visitor is not known by name. */
  readonly mail: 'due' | 'sent' | 'none';
}

export interface Rounds {
  readonly sessions: ShopSessions;
  /** The file that mails are "sent" to. */
  readonly outbox: string;
  readonly abandonedAfterMs: number;
}

/**
 * Walks all sessions once, while their owners shop on, and reminds of each abandoned cart once. Resolves to the number
 * of carts flagged.
 */
export async function remindAll(rounds: Rounds, signal?: AbortSignal): Promise<number> {
  let flagged = 0;
  for await (const session of rounds.sessions.entries()) {
    if (signal?.aborted) break;
    try {
      if (await remind(rounds, session)) flagged += 1;
    } catch (error) {
      // The visitor logged out meanwhile, or in: the session goes on under another id, which the next walk meets.
      if (!isSessionError(error)) throw error;
    }
  }
  return flagged;
}

/**
 * Flags the cart, sends the mail, notes that it was sent. The flag comes first and by compare-and-set, so that nobody
 * is reminded of a cart they have just changed. A worker killed in between leaves a mail `due`; its successor looks
 * into the outbox to learn whether it went out. There is one worker at a time: the supervisor sees to it.
 */
async function remind({ sessions, outbox, abandonedAfterMs }: Rounds, seen: ShopSession): Promise<boolean> {
  const flagged = isAbandoned(seen.data, abandonedAfterMs)
    ? await sessions.transact(seen.id, (session) => flag(session, abandonedAfterMs))
    : null;
  const due = flagged ?? seen.data.reminder;
  if (due?.mail !== 'due') return flagged !== null;
  const to = userOf(seen.subject)?.email;
  if (to && (flagged || !(await wasSent(outbox, due.cart)))) {
    await send(outbox, { about: due.cart, to, text: 'You left something in your cart. It is still there.' });
  }
  await sessions.transact(seen.id, ({ data }) => {
    if (data.reminder?.cart === due.cart) data.reminder = { ...due, mail: 'sent' };
  });
  return flagged !== null;
}

/** `null` where the fresh session shows that there is nothing to flag any more. */
function flag({ data, subject }: ShopSession, abandonedAfterMs: number): Reminder | null {
  if (!data.cart || !isAbandoned(data, abandonedAfterMs)) return null;
  data.reminder = { cart: data.cart.id, at: Date.now(), mail: userOf(subject) ? 'due' : 'none' };
  return data.reminder;
}

function isAbandoned({ cart, reminder }: ShopData, abandonedAfterMs: number): boolean {
  if (!cart || itemsIn(cart) === 0 || reminder?.cart === cart.id) return false;
  return Date.now() - cart.changedAt >= abandonedAfterMs;
}

/** The cart that a visitor is to be reminded of: they have not touched it since it was flagged. */
export function abandonedCart({ cart, reminder }: ShopData): Cart | undefined {
  return cart && reminder?.cart === cart.id && cart.changedAt <= reminder.at && itemsIn(cart) > 0 ? cart : undefined;
}
