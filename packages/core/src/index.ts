export type { Codec, SessionValues } from './codec.ts';
export { type OperationKind, withinDeadline } from './deadline.ts';
export { hasFacet, requireFacet } from './facets.ts';
export { JsonCodec } from './json-codec.ts';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export { assertDraft, assertInstant, assertSubject } from './session-draft.ts';
export {
  isSessionError,
  SessionChangedError,
  SessionConflictError,
  SessionError,
  type SessionErrorCode,
  SessionGoneError,
  SessionStateError,
} from './session-error.ts';
export { assertSessionId, generateToken, idOf, isSessionId, isToken } from './session-id.ts';
export type {
  FrontResult,
  FrontStore,
  IterableStore,
  SessionDraft,
  SessionRecord,
  SessionStore,
  StoreCapabilities,
  SubjectStore,
  SweepableStore,
  SweepOptions,
  UpdateResult,
} from './session-store.ts';
export { isStoreError, StoreError, type StoreErrorCode } from './store-error.ts';
