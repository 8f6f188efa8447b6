/** A fault that is easy to make: one text of one source file, and what it is replaced by. */
export interface SeededBug {
  readonly name: string;
  /** The test file that must fail: test/<this>.test.ts. */
  readonly caughtBy: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const bugs: readonly SeededBug[] = [
  {
    name: 'a save after a logout creates the session again',
    caughtBy: 'races',
    file: 'save.ts',
    from: "if (result.status === 'gone') throw gone(state);",
    to: "if (result.status === 'gone') return void (await state.env.store.create(state.id, draftOf(state, snapshot)));",
  },
  {
    name: 'a conflict is answered by saving the own copy whole',
    caughtBy: 'merge',
    file: 'session-state.ts',
    from: 'state.copy.rebase(found.values);',
    to: '',
  },
  {
    name: 'a merge crosses identities',
    caughtBy: 'races',
    file: 'session-state.ts',
    from: 'if (found.record.subject !== base.subject)',
    to: 'if (false)',
  },
  {
    name: 'updaters are not run again',
    caughtBy: 'merge',
    file: 'working-copy.ts',
    from: 'if (update && update.text === this.#encode(key))',
    to: 'if (false)',
  },
  {
    name: 'a key set after its updater is still taken for the updater’s',
    caughtBy: 'merge',
    file: 'working-copy.ts',
    from: 'if (update && update.text === this.#encode(key))',
    to: 'if (update)',
  },
  {
    name: 'changes made during a save are forgotten',
    caughtBy: 'sessions',
    file: 'working-copy.ts',
    from: 'this.#base = texts;',
    to: 'this.#base = this.snapshot().texts;',
  },
  {
    name: 'a rotation does not claim the old record but overwrites it',
    caughtBy: 'races',
    file: 'rotate.ts',
    from: 'store.update(state.id, base, marker)',
    to: 'store.update(state.id, (await store.load(state.id)) ?? base, marker)',
  },
  {
    name: 'the successor of a failed rotation stays',
    caughtBy: 'races',
    file: 'rotate.ts',
    from: "await discard(store, id);\n    if (claim.status === 'gone')",
    to: "if (claim.status === 'gone')",
  },
  {
    name: 'a login leaves the old token alive',
    caughtBy: 'races',
    file: 'rotate.ts',
    from: 'graceMs > 0 ? now() + graceMs : 0',
    to: 'now() + Math.max(graceMs, pursuitMs)',
  },
  {
    name: 'two periodic rotations hand out two tokens',
    caughtBy: 'races',
    file: 'rotate.ts',
    from: 'if (state.id !== left && graceMs > 0)',
    to: 'if (false)',
  },
  {
    name: 'a rotated session begins anew',
    caughtBy: 'sessions',
    file: 'rotate.ts',
    from: '{ ...draftOf(state, snapshot, id), createdAt: base.createdAt }',
    to: 'draftOf(state, snapshot, id)',
  },
  {
    name: 'a logout deletes without looking where the session went',
    caughtBy: 'races',
    file: 'end.ts',
    from: 'if (!at) return false;',
    to: 'if (at) return store.delete(at.id);',
  },
  {
    name: 'a logout does not go after a session that a login has moved',
    caughtBy: 'races',
    file: 'end.ts',
    from: 'const anywhere = () => true;',
    to: 'const anywhere = () => false;',
  },
  {
    name: 'a failing store is taken for a new visitor',
    caughtBy: 'sessions',
    file: 'session.ts',
    from: 'await store.load(state.id);',
    to: 'await store.load(state.id).catch(() => null);',
  },
  {
    name: 'an unknown token is adopted',
    caughtBy: 'sessions',
    file: 'session.ts',
    from: 'state.token = generateToken();\n    state.id = idOf(state.token);\n  }',
    to: '}',
  },
  {
    name: 'every request touches',
    caughtBy: 'sessions',
    file: 'save.ts',
    from: 'expiresAt - base.expiresAt < lifetime.touchAfterMs',
    to: 'false',
  },
  {
    name: 'a job extends the session',
    caughtBy: 'sessions',
    file: 'session-state.ts',
    from: 'state.attended || !state.base',
    to: 'true',
  },
  {
    name: 'the idle timeout outruns the absolute one',
    caughtBy: 'sessions',
    file: 'lifetime.ts',
    from: 'Math.min(now + idleTimeoutMs, createdAt + absoluteTimeoutMs)',
    to: 'now + idleTimeoutMs',
  },
  {
    name: 'a longer limit of the past is kept',
    caughtBy: 'sessions',
    file: 'lifetime.ts',
    from: 'now >= record.expiresAt || now >= record.createdAt + absoluteTimeoutMs',
    to: 'now >= record.expiresAt',
  },
  {
    name: 'an update takes back a touch',
    caughtBy: 'sessions',
    file: 'memory-store.ts',
    from: 'draft.expiresAt === base.expiresAt ? current.expiresAt : draft.expiresAt',
    to: 'draft.expiresAt',
  },
  {
    name: 'a failing updater leaves its half-made change',
    caughtBy: 'sessions',
    file: 'working-copy.ts',
    from: 'updater(text === undefined ? undefined : this.#codec.decodeValue(text))',
    to: 'updater(this.data[key])',
  },
  {
    name: 'data has a prototype to reach',
    caughtBy: 'sessions',
    file: 'working-copy.ts',
    from: 'Object.create(null)',
    to: '{}',
  },
];
