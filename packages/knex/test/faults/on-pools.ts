import type { Fault } from './fault.ts';

export const poolExhausted: Fault<unknown> = {
  name: 'The application holds all connections of the pool',
  lasting: true,
  async begin({ knex }) {
    const transaction = await knex.transaction();
    return { end: async () => void (await transaction.rollback()) };
  },
};
