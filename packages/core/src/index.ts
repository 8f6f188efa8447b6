export { attempts } from './attempts.ts';
export type { Codec, SessionValues } from './codec.ts';
export { type OperationKind, withinDeadline } from './deadline.ts';
export { EncryptedCodec, type EncryptedCodecOptions, type EncryptionKey } from './encrypted-codec.ts';
export { hasFacet, requireFacet } from './facets.ts';
export { JsonCodec } from './json-codec.ts';
export type { Lifetime } from './lifetime.ts';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export type { RegenerateOptions, Session } from './session.ts';
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
export type { ConflictPolicy } from './session-state.ts';
export type {
  FrontResult,
  FrontStore,
  IterableStore,
  LoadOptions,
  SessionDraft,
  SessionRecord,
  SessionStore,
  StoreCapabilities,
  SubjectStore,
  SweepableStore,
  SweepOptions,
  UpdateResult,
} from './session-store.ts';
export { type OpenOptions, type RevokeSubjectOptions, Sessions, type SessionsOptions } from './sessions.ts';
export { isStoreError, StoreError, type StoreErrorCode } from './store-error.ts';
export { type Move, moveOf } from './succession.ts';
export { reportCorruptRecord } from './tracing.ts';
export { Turns } from './turns.ts';
export { changesBetween, encodeValues } from './value-texts.ts';
