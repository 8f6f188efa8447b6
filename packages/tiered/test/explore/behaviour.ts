import { Execution } from './execution.ts';
import type { Protocol } from './model.ts';
import type { Event, Fact, Request } from './request.ts';
import type { Script } from './scripts.ts';

/** A process after what it has learned so far. */
export interface Situation {
  readonly number: number;
  readonly events: readonly Event[];
  /** By number; `null` once answered. */
  readonly requests: ReadonlyArray<Request | null>;
  /** What it told its caller on the last event. */
  readonly facts: readonly Fact[];
  readonly isDone: boolean;
  readonly hasTimer: boolean;
}

/**
 * What a process does, found by running the real code once for each distinct history of answers. The code under test
 * has no other input, so that one run stands for all schedules in which the process learns the same.
 */
export class Behaviour {
  readonly name: string;
  readonly #protocol: Protocol;
  readonly #script: Script;
  readonly #known = new Map<string, Situation>();

  constructor(name: string, protocol: Protocol, script: Script) {
    this.name = name;
    this.#protocol = protocol;
    this.#script = script;
  }

  get executions(): number {
    return this.#known.size;
  }

  start(): Promise<Situation> {
    return this.#run([], 'start');
  }

  /** Known at once, or after a run. */
  after(situation: Situation, event: Event): Situation | Promise<Situation> {
    const key = `${situation.number} ${JSON.stringify(event)}`;
    return this.#known.get(key) ?? this.#run([...situation.events, event], key);
  }

  async #run(events: readonly Event[], key: string): Promise<Situation> {
    const { calls, facts, isDone, hasTimer } = await Execution.of(this.#protocol, this.#script, events);
    const requests = calls.map((call) => call?.request ?? null);
    const situation = { number: this.#known.size, events, requests, facts, isDone, hasTimer };
    this.#known.set(key, situation);
    return situation;
  }
}
