// The delivery service: what its two streams carry.

export {
  type BlobPath,
  blobDownloadPath,
  blobExtendPath,
  blobHeaders,
  blobIdBytes,
  blobLimits,
  blobSecretBytes,
  blobUploadPath,
  bytesOfHeader,
  countOfHeader,
  tusChunkType,
  tusVersion,
} from "./blob.ts"
export { type DeliveryCode, DeliveryRefusal, deliveryCodeOf, deliveryCodes } from "./codes.ts"
export type { ClosedItem, OpenItem, OpenedItem, PingItem, PongItem } from "./item.ts"
export { itemTypes } from "./item.ts"
export {
  type CommitItem,
  type CommittedItem,
  type CreateItem,
  type DoneItem,
  type PlacedItem,
  type PostItem,
  type PostingAnswer,
  type PostingRequest,
  type RefusedItem,
  type RejoinItem,
  type RekeyItem,
  decodePostingAnswer,
  decodePostingRequest,
  encodePostingAnswer,
  encodePostingRequest,
  postPath,
} from "./posting.ts"
export {
  type AckItem,
  type CommitDetails,
  type CommitRecord,
  type EphemeralItem,
  type GapRecord,
  type JoinRecord,
  type PostRecord,
  type ReadingAnswer,
  type ReadingRequest,
  type RejoinRequest,
  type SubscribeItem,
  type SubscribedItem,
  type UnsubscribedItem,
  decodeReadingAnswer,
  decodeReadingRequest,
  encodeReadingAnswer,
  encodeReadingRequest,
  readCommitDetails,
  readPath,
  writeDetails as writeCommitDetails,
} from "./reading.ts"
export { type SeatKeys, fanoutOf, seatBytes, seatKeySeed, seatReadSecret, seatSecretBytes } from "./seat.ts"
export {
  type CommitStatement,
  type MacInput,
  type PostFlags,
  commitSignatureInput,
  createSignatureInput,
  postFlags,
  postMac,
  postMacInput,
  rejoinSignatureInput,
  rekeySignatureInput,
} from "./signing.ts"
