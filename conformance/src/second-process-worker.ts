import type { SessionRecord, SessionStore } from '@stet/core';
import { countUp } from './counter.ts';
import { shown } from './expectation.ts';
import { findTargets } from './find-targets.ts';
import type { StoreCall, Task, TaskReply } from './second-process.ts';
import type { ConformanceTarget, StoreSettings } from './target.ts';
import { reached } from './waiting.ts';

const [module = '', name] = process.argv.slice(2);

function answer(reply: TaskReply): void {
  process.send?.(reply);
}

async function open(target: ConformanceTarget, settings: StoreSettings): Promise<SessionStore> {
  return target.createStore(settings);
}

async function perform(store: SessionStore, work: Task['work']): Promise<readonly unknown[]> {
  if ('increment' in work) {
    await countUp(store, work.increment, work.times);
    return [];
  }
  return Promise.all(work.calls.map((call) => callOn(store, call)));
}

async function callOn(store: SessionStore, { method, args }: StoreCall): Promise<unknown> {
  return (store as unknown as Record<string, (...args: readonly unknown[]) => Promise<SessionRecord>>)[method]?.(
    ...args,
  );
}

async function serve(target: ConformanceTarget, { settings, startAt, work }: Task): Promise<TaskReply> {
  const store = await open(target, settings);
  try {
    await reached(startAt);
    return { done: await perform(store, work) };
  } catch (error) {
    return { failed: shown(error) };
  } finally {
    await store.close();
  }
}

// Without a parent there is nobody to work for.
process.once('disconnect', () => process.exit());

const target = (await findTargets(module)).find((found) => found.name === name);
if (target) {
  process.on('message', async (task: Task) => answer(await serve(target, task)));
  answer({ done: [] });
} else {
  answer({ failed: `${module} exports no target named "${name}"` });
}
