import { seededBugs } from '@stet/seeded-bugs';

seededBugs(import.meta.url, [
  {
    name: 'a record read from the back goes to the front whatever became of the lease',
    caughtBy: 'exploration',
    file: 'front.ts',
    from: 'if (next === null) return false;',
    to: `if (next === null) {
        const found = await this.#store.loadOrLease(id);
        if (found.status !== 'busy') await this.#store.replaceIf(id, found.token, record);
        return true;
      }`,
  },
  {
    name: 'an update whose token no longer stands leaves the entry to others',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: 'if (!isReplaced) await this.#front.remove(id);',
    to: '',
  },
  {
    name: 'the front is told of a logout before the back',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: `const wasLive = await this.#write(id, () => this.#back.delete(id));
    const unconfirmed = await this.#front.remove(id);`,
    to: `const unconfirmed = await this.#front.remove(id);
    const wasLive = await this.#write(id, () => this.#back.delete(id));`,
  },
  {
    name: 'a touch leaves the entry as it is',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: `const isLive = await this.#write(id, () => this.#back.touch(id, expiresAt));
    await this.#front.remove(id);`,
    to: 'const isLive = await this.#write(id, () => this.#back.touch(id, expiresAt));',
  },
  {
    name: 'a late fill counts its age from the fill',
    caughtBy: 'exploration-faults',
    file: 'front.ts',
    from: 'if (isLate) return false;',
    to: '',
  },
  {
    name: 'a process trusts the front that it could not tell',
    caughtBy: 'exploration-faults',
    file: 'invalidations.ts',
    from: 'return now < this.#overflowUntil || now < (this.#pending.get(id)?.until ?? 0);',
    to: 'return now < this.#overflowUntil;',
  },
  {
    name: 'a logout that the front was not told of resolves',
    caughtBy: 'exploration-faults',
    file: 'tiered-store.ts',
    from: 'if (unconfirmed) throw',
    to: 'if (!unconfirmed?.until && unconfirmed) throw',
  },
  {
    name: 'an old entry is served',
    caughtBy: 'tiered-store',
    file: 'front.ts',
    from: 'return ageMs >= 0 && ageMs <',
    to: 'return ageMs >= 0 || ageMs <',
  },
  {
    name: 'a write whose outcome is open leaves the entry',
    caughtBy: 'tiered-store',
    file: 'tiered-store.ts',
    from: `if (isStoreError(error) && error.code === 'STORE_AMBIGUOUS') await`,
    to: 'if (false) await',
  },
  {
    name: 'the circuit breaker never opens',
    caughtBy: 'tiered-store',
    file: 'circuit-breaker.ts',
    from: 'this.#failures += 1;',
    to: '',
  },
  {
    name: 'the front is told once only',
    caughtBy: 'tiered-store',
    file: 'invalidations.ts',
    from: 'if (this.#pending.size > 0) this.#schedule();',
    to: '',
  },
  {
    name: 'a session arrives with its history cut off',
    caughtBy: 'migrating-store',
    file: 'arrivals.ts',
    from: 'replaceIf(id, found.token, record)',
    to: 'replaceIf(id, found.token, { ...record, revision: 1 })',
  },
  {
    name: 'a logout does not reach where the session came from',
    caughtBy: 'migrating-store',
    file: 'migrating-store.ts',
    from: 'const wasThere = await this.#from.delete(id);',
    to: 'const wasThere = false;',
  },
  {
    name: 'a copy that was left behind outlives an update that ends the session',
    caughtBy: 'migrating-store',
    file: 'migrating-store.ts',
    from: `await this.#from.delete(id);
          deadline.assertAhead();
        }`,
    to: '}',
  },
  {
    name: 'a write does not wait for a move that is under way',
    caughtBy: 'migrating-store',
    file: 'arrivals.ts',
    from: 'if (arrival === null) return result;',
    to: `if (arrival === null || arrival === 'busy') return result;`,
  },
  {
    name: 'a logout begins where the session goes',
    caughtBy: 'exploration-migration',
    file: 'migrating-store.ts',
    from: `const wasThere = await this.#from.delete(id);
      deadline.assertAhead();
      const wasHere = await this.#to.delete(id);`,
    to: `const wasHere = await this.#to.delete(id);
      const wasThere = await this.#from.delete(id);`,
  },
  {
    name: 'two logouts are each told that they have ended the session',
    caughtBy: 'migrating-store',
    file: 'migrating-store.ts',
    from: 'return wasHere || (wasThere && !isSettled);',
    to: 'return wasHere || wasThere;',
  },
  {
    name: 'a session leaves before it has arrived',
    caughtBy: 'exploration-migration',
    file: 'arrivals.ts',
    from: 'if ((await this.#to.replaceIf',
    to: `await this.#leave(id);
      if ((await this.#to.replaceIf`,
  },
  {
    name: 'who comes too late to move a session takes it for gone',
    caughtBy: 'exploration-migration',
    file: 'arrivals.ts',
    from: 'if (!record) return this.#to.load(id);',
    to: 'if (!record) return null;',
  },
  {
    name: 'a session that arrives between two looks is not seen',
    caughtBy: 'exploration-migration',
    file: 'migrating-store.ts',
    from: 'if (!there) return this.#to.load(id, options);',
    to: 'if (!there) return null;',
  },
  {
    name: 'a session that has not arrived yet is ended only where it goes',
    caughtBy: 'exploration-migration',
    file: 'migrating-store.ts',
    from: `if (!(await this.#to.load(id))) return { result: { status: 'gone' }, isGone: true };
          deadline.assertAhead();
          await this.#from.delete(id);`,
    to: 'if (await this.#to.load(id)) await this.#from.delete(id);',
  },
  {
    name: 'the move of all leaves what is there twice',
    caughtBy: 'migrating-store',
    file: 'migrating-store.ts',
    from: 'if (here) await this.#from.delete(id);',
    to: '',
  },
]);
