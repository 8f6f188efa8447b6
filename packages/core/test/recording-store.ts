import { MemoryStore, type SessionStore } from '@stet/core';

export interface RecordingStore {
  readonly store: SessionStore;
  /** The names of the methods called, in order. */
  readonly calls: string[];
  /** While set, every call rejects with it. */
  failure: Error | undefined;
}

/** A MemoryStore that says what it was asked for, and can be made to fail. */
export function recordingStore(inner: SessionStore = new MemoryStore()): RecordingStore {
  const recording: RecordingStore = {
    calls: [],
    failure: undefined,
    store: new Proxy(inner, {
      get(target, name) {
        const member = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          recording.calls.push(String(name));
          return recording.failure ? Promise.reject(recording.failure) : member.apply(target, args);
        };
      },
    }),
  };
  return recording;
}
