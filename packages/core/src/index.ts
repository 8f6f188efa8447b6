export type { Codec, SessionValues } from './codecs/codec.ts';
export { EncryptedCodec, type EncryptedCodecOptions, type EncryptionKey } from './codecs/encrypted-codec.ts';
export { JsonCodec } from './codecs/json-codec.ts';
export { saidBy } from './contract/driver-error.ts';
export { hasFacet, requireFacet } from './contract/facets.ts';
export { assertDraft, assertInstant, assertSubject } from './contract/session-draft.ts';
export { assertSessionId, generateToken, idOf, isSessionId, isToken } from './contract/session-id.ts';
export { recordAfter, recordOf, type SessionChange } from './contract/session-record.ts';
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
} from './contract/session-store.ts';
export { isStoreError, StoreError, type StoreErrorCode } from './contract/store-error.ts';
export { mostAttempts, pauseAfter } from './session/engine/attempts.ts';
export { merge } from './session/engine/copy/merge.ts';
export { claimEnd } from './session/engine/end.ts';
export type { Engine } from './session/engine/engine.ts';
export { Kept } from './session/engine/kept.ts';
export { sessionOf } from './session/engine/load.ts';
export { create, type Draft, type Edit, save } from './session/engine/save.ts';
export { Turns } from './session/engine/turns.ts';
export { assertKnownOptions } from './session/guards/known-options.ts';
export type { SessionState } from './session/held-session.ts';
export type { ConflictPolicy } from './session/home.ts';
export type { Lifetime, SessionLifetime } from './session/lifetime.ts';
export type { RegenerateOptions } from './session/regenerate-options.ts';
export type { Session } from './session/session.ts';
export {
  isSessionError,
  SessionChangedError,
  SessionConflictError,
  SessionError,
  type SessionErrorCode,
  SessionGoneError,
  SessionRevocationError,
  SessionStateError,
} from './session/session-error.ts';
export { type OpenOptions, type RevokeSubjectOptions, Sessions } from './session/sessions.ts';
export type { SessionsOptions } from './session/sessions-options.ts';
export { type EndReason, reportCorruptRecord } from './session/tracing.ts';
export { AbstractStore, type IdAndRecord } from './stores/abstract-store.ts';
export { type Deadline, Deadlines, type OperationKind } from './stores/deadlines.ts';
export { failureOf } from './stores/failure.ts';
export { MemoryStore, type MemoryStoreOptions } from './stores/memory-store.ts';
export { type AbstractStoreOptions, assertWholeNumbers } from './stores/store-settings.ts';
