import { subscribe } from 'node:diagnostics_channel';
import { StoreError } from '@stet/core';
import type { Protocol } from './model.ts';
import { type Answer, boundMs, type Event, type Fact, type Request, startedAt } from './request.ts';
import type { Script } from './scripts.ts';

/** Microtasks from an answer to the next call of the code under test: many more than it takes. */
const turns = 64;

/** A call that takes too long is one of the faults; the store's own deadlines are further off than any run. */
export const foreverMs = 100_000_000;

let current: Execution | undefined;
subscribe('stet:tiered:invalidation-unconfirmed', () => {
  if (current) current.isConfirmed = false;
});

interface Call {
  readonly request: Request;
  readonly settle: (answer: Answer) => void;
}

/** One process: the code under test over two stores that answer when they are told to. */
export class Execution {
  /** By number; `null` once answered. */
  readonly calls: Array<Call | null> = [];
  /** Since the last event. */
  facts: Fact[] = [];
  isDone = false;
  isConfirmed = true;
  #clock = 0;
  #timer: (() => void) | undefined;

  static async of(protocol: Protocol, script: Script, events: readonly Event[]): Promise<Execution> {
    const execution = new Execution();
    await execution.#run(() => execution.#start(protocol, script));
    for (const event of events) await execution.#deliver(event);
    return execution;
  }

  get hasTimer(): boolean {
    return this.#timer !== undefined;
  }

  #start(protocol: Protocol, script: Script): void {
    const now = () => startedAt + this.#clock * boundMs;
    const store = protocol((request) => this.#ask(request), now);
    const begin = async (what: string): Promise<void> => {
      await this.#ask({ tier: 'self', op: 'begin', what });
      this.isConfirmed = true;
    };
    script({ store, begin, tell: (fact) => this.facts.push(fact), isConfirmed: () => this.isConfirmed }).then(
      () => {
        this.isDone = true;
      },
      () => {
        this.facts.push({ kind: 'failed' });
        this.isDone = true;
      },
    );
  }

  async #deliver({ of, answer, clock }: Event): Promise<void> {
    this.facts = [];
    this.#clock = clock;
    await this.#run(() => {
      if (of === 'timer') {
        const ring = this.#timer;
        this.#timer = undefined;
        ring?.();
      } else {
        this.calls[of]?.settle(answer);
        this.calls[of] = null;
      }
    });
  }

  /**
   * Runs the process until it waits. Only microtasks run meanwhile, so that nobody else sees the timer functions
   * replaced.
   */
  async #run(work: () => void): Promise<void> {
    const { setTimeout, clearTimeout } = globalThis;
    const asTimer = (ring: () => void, ms: number) => {
      if (ms < foreverMs) this.#timer = ring;
      const timer = { ref: () => timer, unref: () => timer };
      return timer;
    };
    current = this;
    Object.assign(globalThis, { setTimeout: asTimer, clearTimeout: () => {} });
    try {
      work();
      for (let turn = 0; turn < turns; turn += 1) await undefined;
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      current = undefined;
    }
    if (!this.isDone && !this.hasTimer && this.calls.every((call) => call === null))
      throw new Error('The process waits for nothing.');
  }

  #ask<T>(request: Request): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (answer: Answer): void => {
        if ('error' in answer) reject(new StoreError(answer.error, 'A fault.'));
        else resolve(answer.value as T);
      };
      this.calls.push({ request, settle });
    });
  }
}
