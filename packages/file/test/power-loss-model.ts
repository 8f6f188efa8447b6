import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DiskCall } from './disk-interception.ts';

/** A file or a directory: what is on the disk for certain, and what has been done to it since it was last synced. */
interface Node {
  readonly kind: 'file' | 'directory';
  /** A directory's names, as processes see them and as they were when it was last synced. */
  readonly names: Map<string, Node>;
  synced: Map<string, Node>;
  unsynced: NameChange[];
  content: Buffer;
  isContentSynced: boolean;
}

interface NameChange {
  readonly directory: Node;
  readonly removed?: string;
  readonly added?: { readonly name: string; readonly node: Node };
}

/** What a directory is found to hold after the power came back: file contents, and directories in turn. */
export type Remains = Map<string, Buffer | Remains>;

/**
 * A disk that keeps of what was not synced whatever it likes: any of the changes of names, in any combination, and
 * none, a half or all of a file's content. That is more than any real file system loses.
 */
export class PowerLossModel {
  readonly #path: string;
  readonly #root: Node;
  readonly #opened = new Map<string, Node>();
  /** How often anything has changed, on the disk or as processes see it. */
  changes = 0;

  private constructor(path: string, root: Node) {
    this.#path = path;
    this.#root = root;
  }

  /** Begins with what is in a directory, all of it synced; or with what these names in it have below them. */
  static async of(path: string, names?: readonly string[]): Promise<PowerLossModel> {
    return new PowerLossModel(path, await nodeOf(path, names));
  }

  /**
   * Notes a call that begins, and returns how to note that it has succeeded. What is done while it syncs, it does not
   * sync.
   */
  begin(call: DiskCall): () => void {
    if (!call.path.startsWith(this.#path)) return () => {};
    const synced = call.name === 'handle.sync' ? this.#opened.get(call.path) : undefined;
    if (!synced) return () => this.#note(call);
    const { content } = synced;
    const names = new Map(synced.names);
    const changes = new Set(synced.unsynced);
    return () => {
      this.changes += 1;
      synced.isContentSynced ||= synced.content === content;
      synced.synced = names;
      synced.unsynced = synced.unsynced.filter((change) => !changes.has(change));
    };
  }

  #note({ name, path, args }: DiskCall): void {
    if (name === 'open' && args[1] === 'wx') this.#add(path, newNode('file'));
    if (name === 'open') this.#opened.set(path, this.#at(path));
    if (name === 'mkdir') this.#makeDirectory(path, Object(args[1]).recursive === true);
    if (name === 'unlink' || name === 'rmdir' || name === 'rm') this.#change(path, { removed: lastOf(path) });
    if (name === 'rename') {
      const added = { name: lastOf(String(args[1])), node: this.#at(path) };
      this.#change(path, { removed: lastOf(path), added });
    }
    const opened = this.#opened.get(path);
    if (name === 'handle.write' && opened) {
      const [bytes, offset] = args as [Uint8Array, number];
      opened.content = Buffer.concat([opened.content, bytes.subarray(offset)]);
      opened.isContentSynced = false;
      this.changes += 1;
    }
  }

  #makeDirectory(path: string, isRecursive: boolean): void {
    if (isRecursive && !this.#has(dirname(path))) this.#makeDirectory(dirname(path), true);
    if (!isRecursive || !this.#has(path)) this.#add(path, newNode('directory'));
  }

  /** What is found if the power fails now, and the disk keeps nothing that it need not keep. */
  certain(): Remains {
    return remainsOf(this.#root, new Set(), new Map());
  }

  /** Everything that may be found if the power fails now. */
  *remains(): Generator<Remains> {
    const nodes = Array.from(reachable(this.#root));
    const changes = nodes.flatMap((node) => node.unsynced);
    const files = nodes.filter((node) => !node.isContentSynced);
    for (let kept = 0; kept < 2 ** changes.length; kept += 1) {
      const keptChanges = changes.filter((_, bit) => kept & (1 << bit));
      for (let written = 0; written < 3 ** files.length; written += 1) {
        const shares = new Map(files.map((file, digit) => [file, (Math.floor(written / 3 ** digit) % 3) / 2]));
        yield remainsOf(this.#root, new Set(keptChanges), shares);
      }
    }
  }

  #at(path: string): Node {
    const node = this.#find(path);
    if (!node) throw new Error(`The model lacks ${path}`);
    return node;
  }

  #has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const part of path.slice(this.#path.length).split('/').filter(Boolean)) node = node?.names.get(part);
    return node;
  }

  #add(path: string, node: Node): void {
    this.#change(path, { added: { name: lastOf(path), node } });
  }

  #change(path: string, change: Omit<NameChange, 'directory'>): void {
    this.changes += 1;
    const directory = this.#at(dirname(path));
    directory.unsynced.push({ ...change, directory });
    apply({ ...change, directory }, directory.names);
  }
}

function newNode(kind: Node['kind']): Node {
  return { kind, names: new Map(), synced: new Map(), unsynced: [], content: Buffer.alloc(0), isContentSynced: true };
}

async function nodeOf(path: string, names?: readonly string[]): Promise<Node> {
  const isFile = (await stat(path)).isFile();
  const node = newNode(isFile ? 'file' : 'directory');
  if (isFile) return { ...node, content: await readFile(path) };
  for (const name of names ?? (await readdir(path))) node.names.set(name, await nodeOf(join(path, name)));
  return { ...node, synced: new Map(node.names) };
}

function apply({ removed, added }: NameChange, names: Map<string, Node>): void {
  if (removed !== undefined) names.delete(removed);
  if (added) names.set(added.name, added.node);
}

function* reachable(node: Node, seen: Set<Node> = new Set()): Generator<Node> {
  if (seen.has(node)) return;
  seen.add(node);
  yield node;
  const removed = node.unsynced.flatMap(({ added }) => (added ? [added.node] : []));
  for (const child of [...node.synced.values(), ...removed]) yield* reachable(child, seen);
}

function remainsOf(node: Node, kept: ReadonlySet<NameChange>, shares: ReadonlyMap<Node, number>): Remains {
  const names = new Map(node.synced);
  for (const change of node.unsynced) if (kept.has(change)) apply(change, names);
  return new Map(
    Array.from(names, ([name, child]) => [
      name,
      child.kind === 'directory'
        ? remainsOf(child, kept, shares)
        : child.content.subarray(0, Math.floor(child.content.length * (shares.get(child) ?? 1))),
    ]),
  );
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Makes a directory hold what remains, in place of what it has by the same names. */
export async function restore(path: string, remains: Remains): Promise<void> {
  for (const [name, found] of remains) {
    const below = join(path, name);
    await rm(below, { recursive: true, force: true });
    if (found instanceof Map) {
      await mkdir(below);
      await restore(below, found);
    } else {
      await writeFile(below, found);
    }
  }
}
