import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Session, type SessionStore, Sessions } from '@stet/core';
import { atOnce } from '../at-once.ts';
import type { Job } from './job.ts';

/** What a visitor's session holds: the cart is the visitor's, the flag that a reminder was sent is the job's. */
export interface Shop {
  cart?: string[];
  emailSent?: boolean;
}

/** What became of a shop. */
export interface Takings {
  /** Sessions whose flag was acknowledged. */
  readonly flags: number;
  /** Those of them that are not there in the end. */
  readonly flagsLost: number;
  /** Items whose save was acknowledged. */
  readonly items: number;
  /** Those of them that are not there in the end. */
  readonly itemsLost: number;
  readonly pageViews: number;
  /** Page views that began after a flag was acknowledged and did not show it. */
  readonly viewsWithoutFlag: number;
  /** Page views that began after the save of an item was acknowledged and did not show it. */
  readonly viewsWithoutItem: number;
}

interface Visitor {
  readonly token: string;
  readonly bought: string[];
  /** Loaded before the job began, saved last of all. */
  readonly slowPage: Session<Shop>;
  isFlagged: boolean;
}

const requestsAtOnce = 32;

/**
 * Visitors shop while a job flags every cart. Each buys two things at a time until the flag was acknowledged, then two
 * more; then a page that has been open since before the job began is saved on top.
 */
export async function shopWhileFlagged(store: SessionStore, count: number, job: Job): Promise<Takings> {
  const site = new Sessions<Shop>({ store });
  const visitors = new Map<string, Visitor>();
  const takings = {
    flags: 0,
    flagsLost: 0,
    items: 0,
    itemsLost: 0,
    pageViews: 0,
    viewsWithoutFlag: 0,
    viewsWithoutItem: 0,
  };
  let isJobDone = false;

  const buy = async (visitor: Visitor, on?: Session<Shop>): Promise<void> => {
    // A request comes over the network, so that what came before it, such as word from the job, is read first.
    await nextTurn();
    const { isFlagged } = visitor;
    const boughtBefore = [...visitor.bought];
    const page = on ?? (await site.open(visitor.token));
    if (!on && isFlagged && !page.data.emailSent) takings.viewsWithoutFlag += 1;
    if (!on && boughtBefore.some((item) => !page.data.cart?.includes(item))) takings.viewsWithoutItem += 1;
    takings.pageViews += 1;
    const item = `item ${takings.pageViews}`;
    page.update('cart', (cart = []) => [...cart, item]);
    await page.save();
    visitor.bought.push(item);
  };

  await atOnce(requestsAtOnce, Array.from({ length: count }), async () => {
    const session = await site.open();
    session.data.cart = [];
    await session.save();
    const token = String(session.token);
    visitors.set(session.id, { token, bought: [], slowPage: await site.open(token), isFlagged: false });
  });
  const queue = [...visitors.values()];
  const shopping = atOnce(requestsAtOnce, queue, async (visitor) => {
    const isLastTurn = visitor.isFlagged || isJobDone;
    await Promise.all([buy(visitor), buy(visitor)]);
    if (isLastTurn) await buy(visitor, visitor.slowPage);
    else queue.push(visitor);
  });
  const flagging = job((id) => {
    const visitor = visitors.get(id);
    if (visitor) visitor.isFlagged = true;
  }).finally(() => {
    isJobDone = true;
  });
  await Promise.all([flagging, shopping]);

  await atOnce(requestsAtOnce, [...visitors.values()], async ({ token, bought, isFlagged }) => {
    const { data } = await site.open(token, { fresh: true });
    if (isFlagged) takings.flags += 1;
    if (isFlagged && !data.emailSent) takings.flagsLost += 1;
    takings.items += bought.length;
    takings.itemsLost += bought.filter((item) => !data.cart?.includes(item)).length;
  });
  return takings;
}
