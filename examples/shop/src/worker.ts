import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remindAll } from './reminders.ts';
import { openSessions } from './sessions.ts';
import { readSettings } from './settings.ts';
import { endOfShift } from './shift.ts';

/** The job beside the site: every few seconds it looks for abandoned carts and clears away expired sessions. */
const signal = endOfShift();
const { dataDirectory, abandonedAfterMs, walkEveryMs } = readSettings();
const sessions = await openSessions(dataDirectory);
const rounds = { sessions, outbox: join(dataDirectory, 'outbox.jsonl'), abandonedAfterMs };

while (!signal.aborted) {
  try {
    const flagged = await remindAll(rounds, signal);
    if (flagged > 0) console.log(`worker: flagged ${flagged} abandoned ${flagged === 1 ? 'cart' : 'carts'}`);
    await sessions.sweep({ signal });
  } catch (error) {
    console.error('worker: this walk failed, the next one may not:', error);
  }
  await sleep(walkEveryMs, null, { signal }).catch(() => {});
}
process.exit();
