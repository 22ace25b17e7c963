// Key transparency as mathematics: what a log says about an account, and every check that decides whether to believe it.
// No clock, no randomness, no network: all are handed in. docs/transparency.md is the specification.

export type { LogCrypto } from "./crypto.ts"
export { nobleLogCrypto } from "./noble-crypto.ts"
export { KeylogError, type KeylogErrorCode, keylogErrorCodes } from "./keylog-error.ts"
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
  maxAccountDevices,
  maxAccountSignatures,
  maxAccountStateBytes,
  maxSignedAccountStateBytes,
} from "./account-state.ts"
export {
  type AccountChange,
  type AccountVerification,
  type VerifiedAccountState,
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  findDevice,
  heldUntilMs,
  maxChainVersions,
  signAccountState,
  verifyAccountChain,
  verifyAccountState,
} from "./account-chain.ts"
export {
  type HandleBinding,
  decodeHandleBinding,
  encodeHandleBinding,
  handleLabel,
  isHandle,
  maxHandleBindingBytes,
  signHandleBinding,
  verifyHandleBinding,
} from "./handle-binding.ts"
export {
  type SafetyCode,
  type SafetyIdentity,
  type SafetyView,
  decodeSafetyCode,
  encodeSafetyCode,
  safetyIdentity,
  safetyNumber,
} from "./safety-number.ts"
export { isOriginText } from "./origin.ts"
export { isFitPublicKey } from "./public-key.ts"
