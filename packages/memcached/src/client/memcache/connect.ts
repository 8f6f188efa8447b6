import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MemcacheNode } from './memcache-client.ts';

const opening = new WeakMap<MemcacheNode, Promise<void>>();

/** The open connection of a node, or `undefined` where it has to be opened. */
export function openConnection(node: MemcacheNode): Socket | undefined {
  const { socket } = node;
  return socket?.readyState === 'open' && node.isConnected() ? socket : undefined;
}

/**
 * Opens the connection of a node. All who wait for it wait for the same one: the node itself would open one for each of
 * them.
 */
export function connect(node: MemcacheNode): Promise<void> {
  const before = opening.get(node);
  if (before) return before;
  const connecting = reconnect(node).finally(() => opening.delete(node));
  opening.set(node, connecting);
  return connecting;
}

const closed = new WeakMap<MemcacheNode, Promise<void>>();

/**
 * After `connect` a node goes on with the rest of a reply that its last connection has cut short, and takes that for
 * the answer to the next command: the session of somebody else. `reconnect` forgets it. But first the end of the last
 * connection has to have been told, or the node takes it for the end of the next one.
 */
async function reconnect(node: MemcacheNode): Promise<void> {
  await endTold(node);
  const nextClosed = nextClose(node);
  closed.set(node, nextClosed);
  const cutShort = nextClosed.then(() => {
    throw new Error('The connection was closed while it was being opened.');
  });
  await Promise.race([node.reconnect(), cutShort]);
}

async function endTold(node: MemcacheNode): Promise<void> {
  node.socket?.destroy();
  await closed.get(node);
  // Whoever else has opened a connection: its end is told a turn of the event loop after it was closed.
  await nextTurn();
  await nextTurn();
}

function nextClose(node: MemcacheNode): Promise<void> {
  return new Promise((resolve) => node.once('close', resolve));
}
