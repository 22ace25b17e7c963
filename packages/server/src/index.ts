// The server: accounts, mailboxes and ordered delivery of ciphertexts it cannot read.

export { startServer, type RunningServer, type StartOptions } from "./start-server.ts"
export { createDelivery, type Delivery, type DeliveryPorts } from "./delivery/delivery.ts"
export type { DeliveryOptions } from "./delivery/options.ts"
export { type Rate, type Rates, defaultRates } from "./delivery/rate-limit.ts"
export type { Caller } from "./delivery/door.ts"
export type { StreamPort, StreamSink } from "./stream/port.ts"
export type { Clock, Log, Mailer, Meter, Random, Turn } from "./ports.ts"
export type { Store, StoreOperations } from "./store/store.ts"
export { openInProcessStore } from "./store/sqlite/in-process.ts"
export type { DatabaseOptions, Step } from "./store/sqlite/database.ts"
export { ServerError, type ServerErrorCode, serverErrorCodes } from "./server-error.ts"
export { serverCrypto } from "./crypto.ts"
