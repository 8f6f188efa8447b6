import type { Situation } from './behaviour.ts';
import { both, learn } from './checks.ts';
import { effectOf } from './effect.ts';
import type { Mishap } from './model.ts';
import type { Answer, Event, Request } from './request.ts';
import type { Flight, Process, World } from './world.ts';

/** What a step leads to. */
export interface Outcome {
  readonly world: World;
  readonly violation: string | undefined;
}

/** One thing that may happen next. */
export interface Step {
  readonly label: string;
  readonly take: () => Outcome | Promise<Outcome>;
}

/** Everything that may happen next: faults last. */
export function stepsFrom(world: World): Step[] {
  const { model } = world;
  const steps: Step[] = [];
  const faults: Step[] = [];
  const add = (list: Step[], label: string, next: () => World): void => {
    list.push({ label, take: () => judged(next()) });
  };
  const fault = (label: string, next: () => World): void => {
    if (world.faultsLeft > 0) add(faults, label, () => ({ ...next(), faultsLeft: world.faultsLeft - 1 }));
  };

  for (const [index, process] of world.processes.entries()) {
    if (process.isDead) continue;
    const { name } = process.behaviour;
    process.situation.requests.forEach((request, of) => {
      const flight = process.flights[of];
      if (!request || !flight) return;
      const label = `${name} ${described(world, request)}`;
      if (request.tier === 'self') {
        const { births: birthsBefore } = world;
        const loadFloor = both(both(world.floor, world.boundFloor), process.ownFloor);
        steps.push({
          label: `${name} begins to ${request.what}`,
          take: () =>
            deliver(
              begun(world, request.what),
              index,
              { ...process, birthsBefore, loadFloor, isOvertaken: false },
              of,
              {
                value: undefined,
              },
            ),
        });
      } else if (flight.stage === 'asked') {
        add(steps, `${label} takes effect`, () => carriedOut(world, index, of, request));
        for (const mishap of model.mishapsOf(request)) {
          fault(`${label} ${mishap}`, () => mishaps[mishap](world, index, of, request));
        }
      } else {
        steps.push({
          label: `${label}: ${answerText(flight)}`,
          take: () => deliver(world, index, process, of, flight),
        });
      }
    });
    if (process.situation.hasTimer && model.mayRing(world)) {
      steps.push({
        label: `${name}: its timer rings`,
        take: () => deliver(world, index, process, 'timer', { value: undefined }),
      });
    }
    if (!process.situation.isDone) fault(`${name} dies`, () => dead(world, index));
  }
  world.stragglers.forEach((straggler, at) => {
    add(steps, `at last ${described(world, straggler.request)} takes effect`, () => {
      const { flight: _, ...tiers } = effectOf(world, straggler.request, straggler.token);
      return { ...world, ...tiers, stragglers: world.stragglers.toSpliced(at, 1) };
    });
  });
  for (const { label, next, isDue = false } of model.incidentsIn(world)) {
    if (isDue) add(steps, label, next);
    else fault(label, next);
  }
  return [...steps, ...faults];
}

const mishaps: Readonly<Record<Mishap, (world: World, index: number, of: number, request: Request) => World>> = {
  'fails before it takes effect': (world, index, of) => failed(world, index, of, 'STORE_UNAVAILABLE'),
  'takes effect and its reply is lost': (world, index, of, request) =>
    failed(carriedOut(world, index, of, request), index, of, 'STORE_AMBIGUOUS'),
  'times out and stays on its way': (world, index, of, request) =>
    failed(straggling(world, world.processes[index] as Process, [request]), index, of, 'STORE_AMBIGUOUS'),
};

function begun(world: World, what: string): World {
  return what === 'delete' || what === 'end' ? { ...world, mayEnd: true } : world;
}

function judged(world: World): Outcome {
  return { world, violation: world.model.violationIn(world) };
}

function withProcess(world: World, index: number, process: Process): World {
  return { ...world, processes: world.processes.with(index, process) };
}

function withFlight(world: World, index: number, of: number, flight: Flight): World {
  const process = world.processes[index] as Process;
  return withProcess(world, index, { ...process, flights: process.flights.with(of, flight) });
}

function tokenOf(process: Process, request: Request): number {
  return 'token' in request ? (process.seen[Number(request.token.slice(1))] ?? -1) : -1;
}

function carriedOut(world: World, index: number, of: number, request: Request): World {
  const { flight, ...tiers } = effectOf(world, request, tokenOf(world.processes[index] as Process, request));
  return withFlight({ ...world, ...tiers }, index, of, flight);
}

function failed(world: World, index: number, of: number, error: 'STORE_UNAVAILABLE' | 'STORE_AMBIGUOUS'): World {
  return withFlight(world, index, of, { stage: 'failed', error });
}

/** The writes among the requests go on without their process. */
function straggling(world: World, process: Process, requests: readonly Request[]): World {
  const left = requests
    .filter(({ op }) => op !== 'load' && op !== 'get' && op !== 'entries' && op !== 'begin')
    .map((request) => ({ request, token: tokenOf(process, request) }));
  return { ...world, stragglers: [...world.stragglers, ...left] };
}

function dead(world: World, index: number): World {
  const process = world.processes[index] as Process;
  const asked = process.situation.requests.filter((request, of) => request && process.flights[of]?.stage === 'asked');
  return withProcess(straggling(world, process, asked as Request[]), index, { ...process, isDead: true });
}

/** The process learns something, and goes on to its next call. */
function deliver(
  world: World,
  index: number,
  process: Process,
  of: number | 'timer',
  flight: Flight | { readonly value: undefined },
): Outcome | Promise<Outcome> {
  let { seen } = process;
  let answer: Answer;
  if ('error' in flight) answer = { error: flight.error };
  else if ('token' in flight && flight.token !== undefined) {
    if (!seen.includes(flight.token)) seen = [...seen, flight.token];
    const token = `t${seen.indexOf(flight.token)}`;
    answer = { value: flight.value === 'stored' ? token : { ...(flight.value as object), token } };
  } else answer = { value: 'value' in flight ? flight.value : undefined };
  const event: Event = { of, answer, clock: world.clock };
  const goOn = (situation: Situation): Outcome => {
    const flights = situation.requests.map((request, at): Flight | null =>
      request ? (at < process.flights.length ? (process.flights[at] ?? null) : { stage: 'asked' }) : null,
    );
    const { violation, ownFloor, ...told } = learn(world, process, situation.facts);
    const next = withProcess({ ...world, ...told }, index, { ...process, situation, flights, seen, ownFloor });
    return { world: next, violation: violation ?? world.model.violationIn(next) };
  };
  const situation = process.behaviour.after(process.situation, event);
  return situation instanceof Promise ? situation.then(goOn) : goOn(situation);
}

function described({ model }: World, request: Request): string {
  const on = `${request.tier === 'self' ? 'self' : model.names[request.tier]}.${request.op}`;
  if ('record' in request)
    return `${on}(revision ${request.record.revision}${'token' in request ? ` for ${request.token}` : ''})`;
  return request.op === 'update' ? `${on}(revision ${request.revision} + 1)` : on;
}

function answerText(flight: Flight): string {
  if (flight.stage === 'failed') return flight.error;
  if (flight.stage === 'asked' || flight.value === undefined) return 'done';
  const value = flight.value as { status?: string; revision?: number; record?: { revision: number } } | null;
  if (typeof value !== 'object' || value === null) return String(value);
  const revision = value.revision ?? value.record?.revision;
  return [value.status, revision && `revision ${revision}`].filter(Boolean).join(' ');
}
