import { randomUUID } from 'node:crypto';
import type { ShopSession } from './sessions.ts';

/** A message for the visitor's next page, shown once. */
export interface Notice {
  readonly id: string;
  readonly text: string;
}

export function leaveNotice(session: ShopSession, text: string): void {
  const notice = { id: randomUUID(), text };
  session.update('notices', (notices = []) => [...notices, notice]);
}

/** The messages to show now. One that another request leaves meanwhile stays for the page after. */
export function takeNotices(session: ShopSession): readonly Notice[] {
  const shown = session.data.notices ?? [];
  const ids = new Set(shown.map(({ id }) => id));
  if (ids.size > 0) session.update('notices', (notices = []) => notices.filter(({ id }) => !ids.has(id)));
  return shown;
}
