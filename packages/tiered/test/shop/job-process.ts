/** The job that goes through all carts, where it does not run in the site. Forked by job.ts. */
import { TieredStore } from '../../src/index.ts';
import { startBack } from '../tiers/backs.ts';
import { startFront } from '../tiers/fronts.ts';
import { type JobStores, jobOn } from './job.ts';

const { namespace, back: backName, front: frontName } = JSON.parse(String(process.argv[2])) as JobStores;
const backTier = await startBack(backName);
const frontTier = frontName && (await startFront(frontName));
const back = await backTier.open({ namespace });
const store = frontTier ? new TieredStore({ front: await frontTier.open({ namespace }), back }) : back;

// What a site that is busy has not read when the channel closes is lost.
await jobOn(store)((id) => new Promise<void>((resolve) => process.send?.(id, () => resolve())));

await store.close();
await backTier.close();
await frontTier?.close();
process.disconnect();
