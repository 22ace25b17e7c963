// Key transparency as mathematics: what a log says about an account, and every check that decides whether to believe it.
// No clock, no randomness, no network: all are handed in. docs/transparency.md is the specification.

export type { LogCrypto, X25519, X25519Scalar } from "./core/crypto.ts"
export { nobleLogCrypto } from "./core/noble-crypto.ts"
export { KeylogError, type KeylogErrorCode, keylogErrorCodes } from "./core/keylog-error.ts"
export {
  type AccountId,
  type AccountState,
  type AccountStateHash,
  type AccountStateKind,
  type Device,
  type DeviceClass,
  type DeviceId,
  type SignedAccountState,
  accountLabel,
  accountSignatureInput,
  accountStateHash,
  accountStateKinds,
  decodeAccountState,
  decodeSignedAccountState,
  deviceClasses,
  ed25519SignatureScheme,
  encodeAccountState,
  encodeSignedAccountState,
  genesisState,
  maxAccountDevices,
  maxAccountSignatures,
  maxAccountStateBytes,
  maxSignedAccountStateBytes,
} from "./account/account-state.ts"
export {
  type AccountChange,
  type AccountVerification,
  type VerifiedAccountState,
  coSignAccountState,
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  findDevice,
  heldUntilMs,
  maxChainVersions,
  signAccountState,
  verifyAccountChain,
  verifyAccountState,
} from "./account/account-chain.ts"
export {
  type HandleBinding,
  decodeHandleBinding,
  encodeHandleBinding,
  handleLabel,
  isHandle,
  maxHandleBindingBytes,
  signHandleBinding,
  verifyHandleBinding,
} from "./account/handle-binding.ts"
export { verifyHandleClaim } from "./search/handle-claim.ts"
export { tokenKeyEpochOf, tokenKeyLabel, verifyTokenKey } from "./search/token-key.ts"
export { type SafetyIdentity, safetyIdentity, safetyNumber } from "./compare/safety-number.ts"
export {
  type SafetyCode,
  type SafetyCodeJudgement,
  type SafetyView,
  decodeSafetyCode,
  encodeSafetyCode,
  judgeSafetyCode,
  safetyView,
} from "./compare/safety-code.ts"
export { isOriginText } from "./core/origin.ts"
export { isFitPublicKey } from "./core/public-key.ts"
export {
  type TreeHead,
  consistencyPath,
  emptyRoot,
  isPowerOfTwo,
  leafHash,
  maxTreeProofHashes,
  nodeHash,
  rootInPath,
  verifyConsistency,
  verifyInclusion,
  walkConsistency,
} from "./tree/tree-hash.ts"
export {
  type Tile,
  decodeEntryBundle,
  encodeEntryBundle,
  entriesPath,
  maxEntryBytes,
  parseTilePath,
  tilePath,
  tileWidth,
  widthOfTile,
} from "./tree/tile.ts"
export { type ReadTile, TiledTree, growTiles } from "./tree/tiled-tree.ts"
export { TreeFrontier } from "./tree/tree-frontier.ts"
export {
  type NoteKey,
  type NoteKeyType,
  type NoteSignature,
  type SignedNote,
  formatNote,
  formatVerifierKey,
  maxNoteBytes,
  maxNoteSignatures,
  noteKey,
  noteKeyTypes,
  parseNote,
  parseVerifierKey,
  signNoteText,
  signaturesBy,
  verifyNoteSignature,
} from "./checkpoint/signed-note.ts"
export {
  type Checkpoint,
  type VerifiedCheckpoint,
  formatCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from "./checkpoint/checkpoint.ts"
export { type Cosignature, appendSignatures, findCosignature, signCosignature } from "./checkpoint/cosignature.ts"
export {
  type WitnessPolicy,
  type WitnessStatement,
  clockSkewMs,
  cosignatureLifetimeMs,
  isVouchedFor,
  judgeCosignatures,
  maxEpochAheadMs,
  parsePolicy,
} from "./checkpoint/witness-policy.ts"
export {
  type VrfEvaluation,
  type VrfPrivateKey,
  verifyVrf,
  vrfEvaluate,
  vrfOutput,
  vrfPrivateKey,
  vrfProofBytes,
  vrfProve,
} from "./map/vrf.ts"
export { PrefixMap, type StagedMap, mapRowBytes } from "./map/prefix-map.ts"
export { type PrefixProof, type PrefixSearchResult, encodePrefixProof, readPrefixProof, verifyPrefixProof } from "./map/prefix-proof.ts"
export { type CommittedValue, commitment, openingBytes, verifyCommitment, vrfInput } from "./map/commitment.ts"
export { type LadderStep, binaryLadder, maxLabelVersion, verifyLadder, watchSet } from "./search/binary-ladder.ts"
export {
  type ConfigEntry,
  type EndEntry,
  type EntryReference,
  type EpochEntry,
  type LogEntry,
  type NoticeEntry,
  type PolicyEntry,
  type RekeyEntry,
  type ReleaseEntry,
  formatLogEntry,
  parseLogEntry,
  rekeyInput,
} from "./tree/log-entry.ts"
export {
  type HeadProof,
  type HeadState,
  type HeadVerification,
  type LogPin,
  type PolicyChange,
  type VerifiedHead,
  decodeHeadState,
  encodeHeadState,
  headPolicy,
  pinLog,
  verifyHead,
  verifyRekey,
} from "./checkpoint/head.ts"
export {
  type LabelAnswer,
  type SearchLabel,
  type SearchRequest,
  type SearchResponse,
  decodeSearchRequest,
  decodeSearchResponse,
  encodeSearchRequest,
  encodeSearchResponse,
  isLabel,
  maxSearchLabels,
  maxSearchRequestBytes,
  maxSearchResponseBytes,
} from "./search/search.ts"
export {
  type IndexReader,
  type KnownLabel,
  type LearnedIndex,
  type Lookup,
  type SearchVerification,
  type VerifiedSearch,
  labelKey,
  untoldHandles,
  verifySearch,
} from "./search/search-verify.ts"
export { type InsertionProof, verifyInsertion } from "./audit/insertion.ts"
export { IndexCache } from "./search/index-cache.ts"
export { type LatestVersion, type SearchSource, answerSearch, answerWatchSet } from "./search/search-answer.ts"
export { decodeWatchSet, encodeWatchSet, verifyWatchSet } from "./audit/watch-token.ts"
export { type AuditFinding, Auditor, encodeDelta, maxDeltaRows, verifyNoticeOpening } from "./audit/auditor.ts"
export { type HeadStanding, gossipNote, maxGossipNoteBytes, readGossip, standingOf } from "./compare/gossip.ts"
export {
  type Evidence,
  type EvidenceVerdict,
  type ProvenEntry,
  formatEvidence,
  maxEvidenceBytes,
  parseEvidence,
  verifyEvidence,
} from "./audit/evidence.ts"
export {
  type Canary,
  type CanaryChange,
  type VerifiedCanary,
  canaryBeginMs,
  canaryContentChanges,
  canaryDays,
  canaryEndMs,
  canaryInput,
  canaryMaxBytes,
  canaryOrderChange,
  formatCanary,
  isSignedByEnough,
  parseCanary,
  signCanary,
  verifyCanary,
} from "./canary.ts"
export { type AlarmLevel, alarmLevel } from "./core/alarm-level.ts"
export { type BuiltEpoch, type LogState, buildEpoch, emptyLogState } from "./audit/epoch-build.ts"
