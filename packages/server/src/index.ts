// The server: accounts, mailboxes and ordered delivery of ciphertexts it cannot read.

export { startServer, type RunningServer, type StartOptions } from "./service/start-server.ts"
export { createServerCore, type ServerCore, type ServerCorePorts } from "./service/server-core.ts"
export type { DeliveryOptions } from "./accounts/options.ts"
export { type Rate, type Rates, defaultRates } from "./route/rate-limit.ts"
export type { Caller } from "./route/handler.ts"
export type { StreamPort, StreamSink } from "./stream/port.ts"
export type { Clock, Log, Mailer, Meter, Random, Timer, Turn } from "./core/ports.ts"
export { systemTimer } from "./core/system-timer.ts"
export {
  type DeliveryHalf,
  type DeliveryHalfOptions,
  type DeliveryHalfPorts,
  type DeliveryMeter,
  createDeliveryHalf,
} from "./delivery/delivery-half.ts"
export type { DeliveryStore, DeliveryStoreOperations } from "./delivery/store/delivery-store.ts"
export type { FramePort, FrameSink, StreamCaller } from "./delivery/stream/port.ts"
export { openInProcessDeliveryStore } from "./delivery/store/sqlite/in-process.ts"
export type { Store, StoreOperations } from "./store/store.ts"
export { openInProcessStore } from "./store/sqlite/in-process.ts"
export type { DatabaseOptions, Step } from "./sqlite/database.ts"
export { ServerError, type ServerErrorCode, serverErrorCodes } from "./core/server-error.ts"
export { serverCrypto, serverX25519 } from "./core/crypto.ts"
export { type LogSettings, defaultLogSettings } from "./keylog/log-settings.ts"
export type { KeyLog, LogService } from "./keylog/log-service.ts"
export { type Keeper, type LogBeginning, LogKeeper } from "./keylog/keeper/log-keeper.ts"
export { keeperOf, openKeeper } from "./keylog/keeper/open-keeper.ts"
export { Sequencer, type SequencerState } from "./keylog/sequencer.ts"
export type { Cosigner, LogNetwork } from "./keylog/witness-client.ts"
