import { type Outcome, stepsFrom } from './steps.ts';
import { keyOf, type World } from './world.ts';

export interface Trace {
  readonly violation: string;
  /** What happened, in words. */
  readonly labels: readonly string[];
  /** The number of the step taken at each moment: what {@link replay} takes. */
  readonly schedule: readonly number[];
}

export interface Exploration {
  readonly states: number;
  /** Steps taken, to known states too. */
  readonly steps: number;
  /** Runs that ended with nothing more to happen. */
  readonly ends: number;
  readonly deepest: number;
  /** Every state within the bounds was visited. */
  readonly isComplete: boolean;
  readonly trace: Trace | undefined;
}

interface Path {
  readonly label: string;
  readonly choice: number;
  readonly before: Path | undefined;
}

interface Place {
  readonly world: World;
  readonly path: Path | undefined;
  readonly depth: number;
}

/**
 * Visits every state that can be reached, each once, until a violation is found. `breadth` finds the shortest
 * violation, `depth` takes less memory.
 */
export async function explore(first: World, order: 'depth' | 'breadth', mostStates: number): Promise<Exploration> {
  const visited = new Set([keyOf(first)]);
  const places: Place[] = [{ world: first, path: undefined, depth: 0 }];
  let [steps, ends, deepest, next] = [0, 0, 0, 0];
  const summary = (isComplete: boolean, trace?: Trace): Exploration => {
    return { states: visited.size, steps, ends, deepest, isComplete, trace };
  };
  for (;;) {
    const place = order === 'depth' ? places.pop() : places[next++];
    if (!place) return summary(true);
    if (visited.size >= mostStates) return summary(false);
    const choices = stepsFrom(place.world);
    if (choices.length === 0) ends += 1;
    deepest = Math.max(deepest, place.depth);
    for (const [choice, { label, take }] of choices.entries()) {
      const taken = take();
      const outcome: Outcome = taken instanceof Promise ? await taken : taken;
      steps += 1;
      const path = { label, choice, before: place.path };
      if (outcome.violation) return summary(false, traceOf(path, outcome.violation));
      const key = keyOf(outcome.world);
      if (visited.has(key)) continue;
      visited.add(key);
      places.push({ world: outcome.world, path, depth: place.depth + 1 });
    }
  }
}

/**
 * Goes one way: each number says which of the possible steps is taken, counted round. Ends with the schedule or when
 * nothing can happen.
 */
export async function replay(first: World, schedule: readonly number[]): Promise<Trace | readonly string[]> {
  const labels: string[] = [];
  const taken: number[] = [];
  let world = first;
  for (const number of schedule) {
    const choices = stepsFrom(world);
    const choice = choices.length > 0 ? number % choices.length : 0;
    const step = choices[choice];
    if (!step) break;
    labels.push(step.label);
    taken.push(choice);
    const outcome = await step.take();
    if (outcome.violation) return { violation: outcome.violation, labels, schedule: taken };
    world = outcome.world;
  }
  return labels;
}

export function printed({ violation, labels, schedule }: Trace): string {
  const lines = labels.map((label, at) => `${String(at + 1).padStart(4)}  ${label}`);
  return [...lines, `   => ${violation}`, `      schedule ${schedule.join(',')}`].join('\n');
}

function traceOf(last: Path, violation: string): Trace {
  const [labels, schedule]: [string[], number[]] = [[], []];
  for (let path: Path | undefined = last; path; path = path.before) {
    labels.unshift(path.label);
    schedule.unshift(path.choice);
  }
  return { violation, labels, schedule };
}
