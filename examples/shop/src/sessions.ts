import { join } from 'node:path';
import { generateToken, type Session, Sessions } from '@stet/core';
import { FileStore } from '@stet/file';
import type { Cart } from './cart.ts';
import type { Notice } from './notices.ts';
import type { RaceResult } from './race.ts';
import type { Marks } from './race-track.ts';
import type { Reminder } from './reminders.ts';

/**
 * What the shop remembers of a visitor. Each key is saved on its own: the worker writes `reminder` while the visitor
 * changes `cart`.
 */
export interface ShopData extends Marks {
  cart?: Cart;
  reminder?: Reminder;
  notices?: Notice[];
  signedIn?: SignedIn;
  race?: RaceResult;
}

interface SignedIn {
  readonly at: number;
  readonly userAgent: string;
}

export type ShopSession = Session<ShopData>;
export type ShopSessions = Sessions<ShopData>;

const hourMs = 3_600_000;
const lifetime = { idleTimeoutMs: 24 * hourMs, absoluteTimeoutMs: 7 * 24 * hourMs, touchAfterMs: hourMs / 60 };

/**
 * The one definition of the shop's sessions. The web processes and the worker share it, and by its directory the
 * sessions themselves. It asks the store once, so that a process goes to work with a store that answers.
 */
export async function openSessions(dataDirectory: string): Promise<ShopSessions> {
  const store = new FileStore({ directory: join(dataDirectory, 'sessions') });
  const sessions = new Sessions<ShopData>({ store, ...lifetime });
  await sessions.open(generateToken());
  return sessions;
}

/**
 * When a visitor last used a session, give or take a minute: as each use puts its end off, the end tells. `undefined`
 * near the absolute end, which no use puts off.
 */
export function lastSeenAt({ createdAt, expiresAt }: ShopSession): number | undefined {
  if (createdAt === undefined || expiresAt === undefined) return undefined;
  return expiresAt < createdAt + lifetime.absoluteTimeoutMs ? expiresAt - lifetime.idleTimeoutMs : undefined;
}
