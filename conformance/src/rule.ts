import type { SessionStore, StoreCapabilities } from '@stet/core';
import type { SecondProcess } from './run/second-process.ts';
import type { ConformanceTarget, Faults, StoreSettings } from './target.ts';

/** The capabilities that are either there or not. */
export type Trait = 'durable' | 'shared' | 'iterable' | 'sweepable' | 'bySubject' | 'leasable';

/** What a target has to have, or to lack, for a rule to apply to it. */
export type Requirement = Trait | `not ${Trait}` | `faults.${keyof Faults}`;

/** What a rule works with. */
export interface RuleContext {
  readonly target: ConformanceTarget;
  readonly capabilities: StoreCapabilities;
  /** With what `store` was opened. */
  readonly settings: StoreSettings;
  /** The store under test, empty at first and in a namespace of this rule's own. */
  readonly store: SessionStore;
  /** Opens another store, on the same data unless the settings name another namespace. */
  open(settings?: Partial<StoreSettings>): Promise<SessionStore>;
  /** Opens another store on the same data, which reads the time from `now`. For rules that require `faults.clock`. */
  openWithClock(now: () => number): Promise<SessionStore>;
  /** How long a record lives that the rule waits to see expire, in milliseconds. */
  readonly lifeMs: number;
  /**
   * Called when the rule has done what had to happen before an instant: if that has passed, the rule starts again with
   * longer lives.
   */
  inTime(instant: number): void;
  /** A second operating system process with stores of the same target. */
  secondProcess(): Promise<SecondProcess>;
}

interface RuleText {
  /** Section and number. An id never changes its meaning and is never used again. */
  readonly id: string;
  /** What a store does, in one sentence. */
  readonly title: string;
  /** Why: what goes wrong for somebody without it. */
  readonly intent: string;
  /** The version of the kit that first had the rule. */
  readonly since: string;
}

/** A rule that the kit runs. MUST and SHOULD as in RFC 2119. */
export interface TestableRule extends RuleText {
  readonly level: 'MUST' | 'SHOULD';
  readonly requires?: readonly Requirement[];
  /** The rule does little but wait, so that a run lets all such rules wait together. */
  readonly waits?: true;
  check(context: RuleContext): Promise<void>;
}

/** A sentence of the contract that the kit cannot run, listed so that nobody takes it for tested. */
export interface UntestedRule extends RuleText {
  readonly level: 'untested';
  /** Why no run can show it. */
  readonly reason: string;
}

export type Rule = TestableRule | UntestedRule;

/** The level of a rule, as reports say it. */
export type RuleLevel = Rule['level'];
