export type { LogCrypto } from "./crypto.ts"
