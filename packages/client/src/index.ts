// The SDK: one device as a library. `createDevice` once, `openDevice` from then on; everything a person interface needs is `Device`.

export type * from "./api/api.ts"
export type { KeptBackup } from "./archive/backup-place.ts"
export type { ArchiveSource } from "./archive/format/archive-reader.ts"
export type { ArchiveKey } from "./archive/format/header.ts"
export type { ArchiveImportResult } from "./archive/import-archive.ts"
export type { OpenedArchive, VerifiedArchive } from "./archive/preview-archive.ts"
export type { ArchiveProgress, WritingArchive } from "./archive/write-archive.ts"
export type {
  BlindSignatures,
  BlobAnswer,
  BlobKeys,
  BlobRequest,
  BlobUpload,
  Blobs,
  Clock,
  Database,
  Files,
  Network,
  Ports,
  Row,
  SqlValue,
  Statement,
  StoredFile,
  Stream,
  StreamHandlers,
  StreamKind,
  Timers,
} from "./core/ports.ts"
export { addressOf } from "./core/address.ts"
export { ClientError, type ClientErrorCode, NetworkError, clientErrorCodes } from "./core/client-error.ts"
export { type DeviceRegistration, type Registration, checkInvite, requestEmailCode, serverInfo } from "./api/registration.ts"
export { writtenLongBeforeMs } from "./view/sent-time.ts"
export { type Linking, type NewDeviceOptions, linkDevice } from "./link/new-link.ts"
export { readCode } from "./link/code.ts"
export { createDevice, openDevice, recoverAccount } from "./api/open-device.ts"
export { checkWords } from "./api/recovery.ts"
export type { Recovery } from "./trust/recovery/recover-account.ts"
export { splitWords } from "./trust/recovery/words.ts"
export { StoreError, type StoreErrorCode } from "./core/store-error.ts"
export { storeVersion } from "./store/schema.ts"
export { textLimits } from "./core/text-limits.ts"
export { type Trace, traceAreas, traceOf } from "./core/trace.ts"
