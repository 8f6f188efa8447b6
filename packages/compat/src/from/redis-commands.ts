/** `Redis` or `Cluster` of ioredis. */
export interface IoredisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  readonly isCluster?: boolean;
  nodes?(role: 'master'): readonly IoredisClient[];
  readonly options?: { readonly keyPrefix?: string | undefined };
}

/** A client of the package `redis`. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** A cluster of the package `redis`. */
export interface NodeRedisCluster {
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a cluster has its nodes in is its own business.
  readonly masters: readonly any[];
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  nodeClient(master: any): NodeRedisClient | Promise<NodeRedisClient>;
}

export type AnyRedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster;

/** The commands that sessions are read and removed with, whatever the client. */
export interface RedisCommands {
  /** Sends a command about one key to the server that has it. */
  about(key: string, command: string): Promise<unknown>;
  /** The servers that have keys between them: each as what sends it a command. */
  masters(): Promise<ReadonlyArray<(...command: string[]) => Promise<unknown>>>;
}

export function commandsOf(client: AnyRedisClient): RedisCommands {
  if ('call' in client) return ofIoredis(client);
  if ('masters' in client) return ofNodeRedisCluster(client);
  if (typeof client?.sendCommand !== 'function') throw new TypeError('client is a client of ioredis or redis.');
  const send = (...command: string[]): Promise<unknown> => client.sendCommand(command);
  return { about: (key, command) => send(command, key), masters: async () => [send] };
}

function ofIoredis(client: IoredisClient): RedisCommands {
  if (client.options?.keyPrefix) {
    throw new TypeError(
      "The client's keyPrefix does not reach SCAN: give all of it as the prefix, and a client without.",
    );
  }
  return {
    about: (key, command) => client.call(command, key),
    async masters() {
      // A cluster client knows its nodes once it is connected.
      if (client.isCluster) await client.call('PING');
      const nodes = client.isCluster ? (client.nodes?.('master') ?? []) : [client];
      return nodes.map(
        (node) =>
          (command = '', ...args) =>
            node.call(command, ...args),
      );
    },
  };
}

function ofNodeRedisCluster(client: NodeRedisCluster): RedisCommands {
  return {
    about: (key, command) => client.sendCommand(key, false, [command, key]),
    async masters() {
      const nodes = await Promise.all(client.masters.map((master) => client.nodeClient(master)));
      return nodes.map(
        (node) =>
          (...command) =>
            node.sendCommand(command),
      );
    },
  };
}
