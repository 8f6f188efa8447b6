import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sweepLater } from '../scenarios.ts';
import { counterId, countOf, countText, type Kind, never, openCounterStore } from './counter-store.ts';

export interface TortureOptions {
  readonly kind: Kind;
  readonly kills: number;
  readonly writers?: number;
  readonly counters?: number;
}

export interface TortureReport {
  readonly kills: number;
  readonly sweeps: number;
  readonly acknowledged: number;
  /** Writes that took effect in a process that was killed before it could say so: at most one for each kill. */
  readonly unacknowledged: number;
  /** Acknowledged counts that are not part of the final ones, or were acknowledged to two writers. */
  readonly lost: number;
  /** Records that some process met and could not read, the final reading included. */
  readonly unreadable: number;
}

/**
 * Lets processes increment counters and kills them with SIGKILL at random moments, while orphans are swept as soon as
 * they appear. Then compares the counters with what was acknowledged.
 */
export async function torture({ kind, kills, writers = 4, counters = 4 }: TortureOptions): Promise<TortureReport> {
  const directory = await mkdtemp(join(tmpdir(), 'stet-torture-'));
  try {
    const store = openCounterStore(kind, directory);
    for (let index = 0; index < counters; index += 1) {
      await store.create(counterId(index), { data: countText(0), expiresAt: never });
    }
    const ledger = new Ledger();
    const writing = Array.from({ length: writers }, (_, slot) =>
      killRepeatedly([kind, directory, String(counters)], Math.floor((kills + slot) / writers), ledger),
    );
    const sweeping = new AbortController();
    const sweeps = kind === 'naive' ? Promise.resolve(0) : sweepAll(directory, sweeping.signal);
    await Promise.all(writing).finally(() => sweeping.abort());
    return { kills, sweeps: await sweeps, ...(await ledger.compare(store, counters)) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function killRepeatedly(args: readonly string[], kills: number, ledger: Ledger): Promise<void> {
  for (let killed = 0; killed < kills; killed += 1) {
    const writer = spawn(process.execPath, [fileURLToPath(new URL('writer.ts', import.meta.url)), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(writer, 'close');
    await ledger.listen(writer);
    setTimeout(() => writer.kill('SIGKILL'), Math.random() * 50);
    const [, signal] = await ended;
    if (signal !== 'SIGKILL') throw new Error(`A writer ended by itself: ${signal}`);
  }
}

/** Sweeps over and over, by a clock that takes whatever is not in use for an orphan. */
async function sweepAll(directory: string, signal: AbortSignal): Promise<number> {
  let sweeps = 0;
  while (!signal.aborted) {
    await sweepLater(directory);
    sweeps += 1;
  }
  return sweeps;
}

/** What writers said. */
class Ledger {
  readonly #acknowledged = new Map<number, Set<number>>();
  #twice = 0;
  #errors = 0;

  /** Resolves once the writer is at work. */
  async listen(writer: ChildProcess): Promise<void> {
    if (!writer.stdout) throw new Error('The writer has no pipe.');
    const lines = createInterface({ input: writer.stdout });
    lines.on('line', (line) => this.#note(line));
    await once(lines, 'line');
  }

  #note(line: string): void {
    const [what, index, count] = line.split(' ');
    if (what === 'error') this.#errors += 1;
    if (what !== 'ack') return;
    const counts = this.#acknowledged.get(Number(index)) ?? new Set();
    this.#acknowledged.set(Number(index), counts);
    if (counts.has(Number(count))) this.#twice += 1;
    counts.add(Number(count));
  }

  async compare(
    store: ReturnType<typeof openCounterStore>,
    counters: number,
  ): Promise<Omit<TortureReport, 'kills' | 'sweeps'>> {
    let [acknowledged, unacknowledged, lost, unreadable] = [0, 0, this.#twice, this.#errors];
    for (let index = 0; index < counters; index += 1) {
      const counts = this.#acknowledged.get(index) ?? new Set();
      acknowledged += counts.size;
      try {
        const final = countOf((await store.load(counterId(index)))?.data ?? '');
        const kept = Array.from(counts).filter((count) => count <= final).length;
        lost += counts.size - kept;
        unacknowledged += final - kept;
      } catch {
        unreadable += 1;
      }
    }
    return { acknowledged, unacknowledged, lost, unreadable };
  }
}

/** What the report shows that must not be, or nothing. */
export function findings({ kills, unacknowledged, lost, unreadable }: TortureReport): string[] {
  return [
    lost > 0 && `${lost} acknowledged writes were lost`,
    unreadable > 0 && `${unreadable} records could not be read`,
    unacknowledged > kills && `${unacknowledged} writes took effect unacknowledged, more than the kills explain`,
  ].filter((finding) => finding !== false);
}
