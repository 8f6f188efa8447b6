import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Meeting } from '@stet/visitors/meeting';
import { type Contestant, contestants } from './contestants.ts';
import { openSite } from './site.ts';

const requests = 50;

/** Overlapping requests of one visitor set a key each. How many are there afterwards? */
async function keptKeys(contestant: Contestant): Promise<number> {
  const meeting = new Meeting(requests);
  const site = await openSite(contestant, () => meeting.join());
  const { cookie } = await site.get('/put/first');
  await Promise.all(Array.from({ length: requests }, (_, index) => site.get(`/put-slowly/key${index}`, cookie)));
  const keys = JSON.parse((await site.get('/keys', cookie)).body) as string[];
  await site.close();
  return keys.filter((key) => key.startsWith('key')).length;
}

/** A request is under way when the visitor logs out, and saves afterwards. Is the visitor logged in again? */
async function outlivesLogout(contestant: Contestant): Promise<boolean> {
  const loaded = new Meeting(1);
  const loggedOut = new Meeting(1);
  const site = await openSite(contestant, async () => {
    await loaded.join();
    await loggedOut.complete;
  });
  const { cookie } = await site.get('/put/login');
  const late = site.get('/put-slowly/late', cookie);
  await loaded.complete;
  await site.get('/log-out', cookie);
  await loggedOut.join();
  await late;
  const { body } = await site.get('/keys', cookie);
  await site.close();
  return body !== '[]';
}

/**
 * What is kept of a session is damaged. What do two requests of the visitor get? `undefined` where nothing is kept in
 * files.
 */
async function afterDamage(contestant: Contestant): Promise<string | undefined> {
  if (!contestant.damage) return undefined;
  const site = await openSite(contestant);
  const { cookie } = await site.get('/put/login');
  await contestant.damage();
  const answers = [await site.get('/keys', cookie), await site.get('/keys', cookie)];
  await site.close();
  return answers
    .map(({ status, body }) => (body === '[]' ? 'an empty session' : `an error (${status})`))
    .join(', then ');
}

const folder = await mkdtemp(join(tmpdir(), 'stet-bench-'));
try {
  console.log(
    `| | keys kept of ${requests} set by overlapping requests | a late save undoes the logout | a damaged record reads as |`,
  );
  console.log('|---|---|---|---|');
  for (const contestant of contestants(folder)) {
    const kept = await keptKeys(contestant);
    const undone = (await outlivesLogout(contestant)) ? 'yes' : 'no';
    console.log(`| ${contestant.name} | ${kept} | ${undone} | ${(await afterDamage(contestant)) ?? '–'} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
