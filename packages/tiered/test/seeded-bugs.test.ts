import { seededBugs } from '@stet/seeded-bugs';

seededBugs(import.meta.url, [
  {
    name: 'a record read from the back goes to the front whatever became of the lease',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: 'if (next === null) return false;',
    to: `if (next === null) {
        const found = await this.#front.loadOrLease(id);
        if (found.status !== 'busy') await this.#front.replaceIf(id, found.token, record);
        return true;
      }`,
  },
  {
    name: 'an update whose token no longer stands leaves the entry to others',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: 'if (!isReplaced) await this.#invalidate(id);',
    to: '',
  },
  {
    name: 'the front is told of a logout before the back',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: `const wasLive = await this.#write(id, () => this.#back.delete(id));
    const unconfirmed = await this.#invalidate(id);`,
    to: `const unconfirmed = await this.#invalidate(id);
    const wasLive = await this.#write(id, () => this.#back.delete(id));`,
  },
  {
    name: 'a touch leaves the entry as it is',
    caughtBy: 'exploration',
    file: 'tiered-store.ts',
    from: `const isLive = await this.#write(id, () => this.#back.touch(id, expiresAt));
    await this.#invalidate(id);`,
    to: 'const isLive = await this.#write(id, () => this.#back.touch(id, expiresAt));',
  },
  {
    name: 'a late fill counts its age from the fill',
    caughtBy: 'exploration-faults',
    file: 'tiered-store.ts',
    from: 'if (isLate || ',
    to: 'if (',
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
    file: 'tiered-store.ts',
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
]);
