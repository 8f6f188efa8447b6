export interface Pace {
  /** How often each contender has its turn. */
  readonly rounds: number;
  /** How long a turn takes, in milliseconds. */
  readonly sliceMs: number;
}

/** One contender's turn at one thing: how often per second it does it. */
export type Turn = (sliceMs: number) => Promise<number>;

/**
 * Compares contenders with the first of them, the peer, and says of each how its rate relates to the peer's. They have
 * their turns alternately, A B C A B C …, and what is compared is of one round, so that a machine that is slow for a
 * while is slow for all of them. Where the cost is told, what is said is how much of the peer's time one takes.
 */
export async function compare(
  { rounds, sliceMs }: Pace,
  turns: readonly Turn[],
  told: 'rate' | 'cost' = 'rate',
): Promise<string[]> {
  // What is compiled, connected and cached at first use does not count.
  for (const turn of turns) await turn(sliceMs);
  const rates = turns.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, turn] of turns.entries()) rates[index]?.push(await turn(sliceMs));
  }
  const [peer = [], ...others] = rates;
  const related = (own: readonly number[]) => (told === 'rate' ? relation(own, peer) : relation(peer, own));
  return [`1 = ${perSecond(median(peer))}`, ...others.map(related)];
}

/** The median of the ratios of all rounds, and the least and the greatest of them. */
function relation(own: readonly number[], peer: readonly number[]): string {
  const ratios = own.map((rate, round) => rate / (peer[round] ?? Number.NaN));
  return `${times(median(ratios))} (${times(Math.min(...ratios))}–${times(Math.max(...ratios))})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = low] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return (low + high) / 2;
}

const times = (ratio: number): string => ratio.toFixed(2);

const perSecond = (rate: number): string => `${Number(rate.toPrecision(2)).toLocaleString('en')}/s`;
