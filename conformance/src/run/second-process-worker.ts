import { once } from 'node:events';
import { shown } from '../expectation.ts';
import { findTargets } from '../find-targets.ts';
import type { ConformanceTarget } from '../target.ts';
import type { Message, Reply } from './second-process.ts';
import { reached } from './waiting.ts';
import { perform } from './work.ts';

const [module = '', name] = process.argv.slice(2);

function answer(reply: Reply): void {
  process.send?.(reply);
}

async function serve(target: ConformanceTarget, message: Message): Promise<Reply> {
  if (!('work' in message)) return { failed: 'it was told to begin without any work' };
  const store = await target.createStore(message.settings);
  try {
    // Whatever a store's first call takes longer for is done before the race.
    await store.load('0'.repeat(64));
    answer({ ready: true });
    const [{ startAt }] = (await once(process, 'message')) as [{ startAt: number }];
    await reached(startAt);
    return { done: await perform(store, message.work) };
  } finally {
    await store.close();
  }
}

// Without a parent there is nobody to work for.
process.once('disconnect', () => process.exit());

const target = (await findTargets(module)).find((found) => found.name === name);
if (!target) {
  answer({ failed: `${module} exports no target named "${name}"` });
} else {
  answer({ ready: true });
  for (;;) {
    const [message] = (await once(process, 'message')) as [Message];
    answer(await serve(target, message).catch((error: unknown) => ({ failed: shown(error) })));
  }
}
