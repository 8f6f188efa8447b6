import type { Fault } from './fault.ts';

export const poolExhausted: Fault<unknown> = {
  name: 'The application holds all connections of the pool',
  lasting: true,
  begin: async ({ opened }) => ({ end: await opened.hold() }),
};

export const noTable: Fault<unknown> = {
  name: 'The table is missing',
  begin: async ({ opened }) => ({ store: opened.store({ table: 'missing' }), end: async () => {} }),
};
