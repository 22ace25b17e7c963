// The SDK: one device as a library. `createDevice` once, `openDevice` from then on; everything a person interface needs is `Device`.

export type * from "./api.ts"
export type { Clock, Database, Network, Ports, Row, SqlValue, Statement, Stream, StreamHandlers, Timers } from "./ports.ts"
export { addressOf } from "./address.ts"
export { ClientError, type ClientErrorCode, NetworkError, clientErrorCodes } from "./client-error.ts"
export { type Registration, checkInvite, requestEmailCode, serverInfo } from "./registration.ts"
export { writtenLongBeforeMs } from "./sent-time.ts"
export { createDevice, openDevice } from "./open-device.ts"
export { StoreError, type StoreErrorCode } from "./store-error.ts"
export { storeVersion } from "./store/schema.ts"
export { textLimits } from "./text-limits.ts"
