// MLS (RFC 9420) for suites 0x004F, 1 and 3: synchronous, pure, records to store. docs/mls-validation.md lists every rule it checks.

export type { CipherSuiteId, CryptoProvider, KemPrivateKey, KemPublicKey, Random, SuiteCrypto } from "./provider/provider.ts"
export type * from "./api/api.ts"
export { MlsError, type MlsErrorCode } from "./codec/mls-error.ts"
export { createGroup, generateSigner } from "./group/group-creation.ts"
export { generateKeyPackage, parseKeyPackage } from "./message/key-package.ts"
export { openWithKeyPackage, sealToKeyPackage } from "./message/key-package-sealing.ts"
export { commit } from "./group/own-commit.ts"
export { propose } from "./group/own-proposals.ts"
export { applyCommit } from "./group/applied-commit.ts"
export { decodeStaged, encodeStaged } from "./group/staged-commit.ts"
export { encodeWelcome, welcomeRefs } from "./message/welcome.ts"
export { join, openWelcome } from "./group/joining.ts"
export { protect } from "./group/application-message.ts"
export { process } from "./group/incoming-message.ts"
export { isOfLaterSelf } from "./group/later-self.ts"
export { forgetOld } from "./group/kept-keys.ts"
export { peek } from "./message/mls-message.ts"
export {
  epochAuthenticator,
  exportRatchetTree,
  exportSecret,
  extensions,
  leaves,
  members,
  resumptionPsk,
  treeHash,
} from "./group/group-reading.ts"
export { loadGroup, records } from "./group/records.ts"
