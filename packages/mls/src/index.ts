export type { CipherSuiteId, CryptoProvider, KemPrivateKey, KemPublicKey, Random, SuiteCrypto } from "./provider.ts"
export type * from "./api.ts"
