// Everything that crosses the network: routes with their schemas, limits with their reasons, error codes.

export { type ErrorCode, WireError, type WireFault, errorCodes, wireFault } from "./errors.ts"
export { hashBytes, idBytes, limits, publicKeyBytes, signatureBytes } from "./limits.ts"
export type { Route } from "./route.ts"
export { type Schema, decodeMessage, encodeMessage } from "./schema.ts"
export { imitatesUs, isolated, likeness, plainName, showsNothing } from "./shown-text.ts"
export * from "./account.ts"
export * from "./notices.ts"
export * from "./key-package.ts"
export * from "./group.ts"
export * from "./mailbox.ts"
export * from "./log.ts"
