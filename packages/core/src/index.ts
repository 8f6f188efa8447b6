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
export { attempts } from './session/attempts.ts';
export type { Lifetime } from './session/lifetime.ts';
export type { RegenerateOptions, Session } from './session/session.ts';
export {
  isSessionError,
  SessionChangedError,
  SessionConflictError,
  SessionError,
  type SessionErrorCode,
  SessionGoneError,
  SessionStateError,
} from './session/session-error.ts';
export type { ConflictPolicy } from './session/session-state.ts';
export { type OpenOptions, type RevokeSubjectOptions, Sessions, type SessionsOptions } from './session/sessions.ts';
export { type Move, moveOf } from './session/succession.ts';
export { reportCorruptRecord } from './session/tracing.ts';
export { Turns } from './session/turns.ts';
export { changesBetween, encodeValues } from './session/value-texts.ts';
export { AbstractStore, type IdAndRecord } from './stores/abstract-store.ts';
export { withinDeadline } from './stores/deadline.ts';
export type { Deadline, OperationKind } from './stores/deadlines.ts';
export { MemoryStore, type MemoryStoreOptions } from './stores/memory-store.ts';
export { type AbstractStoreOptions, assertWholeNumbers } from './stores/store-settings.ts';
