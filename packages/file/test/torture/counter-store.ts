import { createHash } from 'node:crypto';
import type { SessionStore } from '@stet/core';
import type { Durability } from '../../src/index.ts';
import { patientStore } from '../patient-store.ts';
import { NaiveStore } from './naive-store.ts';

export const kinds: readonly ['power-loss', 'process-crash', 'naive'] = ['power-loss', 'process-crash', 'naive'];

/**
 * Which store is tortured: the real one with either durability, or the twin that writes files as one would at first.
 */
export type Kind = (typeof kinds)[number];

export type CounterStore = Pick<SessionStore, 'load' | 'create' | 'update'>;

export function openCounterStore(kind: Kind, directory: string): CounterStore {
  return kind === 'naive'
    ? new NaiveStore(directory)
    : patientStore({ directory, durability: kind satisfies Durability });
}

export const never: number = Date.UTC(2100, 0);

export function counterId(index: number): string {
  return createHash('sha256').update(`counter ${index}`).digest('hex');
}

/** The data of a counter. It is long enough to be torn: several pages of the disk, and each line names the count. */
export function countText(count: number, lines = 24): string {
  return JSON.stringify({ count, lines: Array.from({ length: lines }, () => String(count).padStart(512, '-')) });
}

/** The count that the data holds. Throws where it is not whole. */
export function countOf(data: string): number {
  const { count, lines } = JSON.parse(data) as { count: number; lines: string[] };
  if (countText(count, lines.length) !== data) throw new Error('The data is a mixture of two writes.');
  return count;
}
