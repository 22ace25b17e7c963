// What the delivery service needs of a database: named operations, each atomic. The service holds the state of the groups that are in use;
// it alone decides, and the store keeps what it decided. So a store serves one service at a time.

/** A seat as it stands in the log of its group. */
export interface StoredSeat {
  readonly seat: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** SHA-256 of the read secret. */
  readonly readHash: Uint8Array
  /** Rises with each re-keying; 0: the keys are the adder's. */
  readonly rekeyed: number
  /** Order of the commit that added the seat, the first that it gets; 0 for the creator's. */
  readonly fromOrder: number
  /** Order of the commit that removed it, the last that it gets; undefined while it is in the group. */
  readonly endOrder: number | undefined
}

/** What was placed lately, so that the same bytes are not placed twice: posts packed, `placedEntryBytes` each, and commits one by one. */
export interface StoredPlaces {
  /** 16 bytes of the body's hash, order as uint64, hour as uint32; in the order of the log. */
  readonly posts: Uint8Array
  readonly commits: readonly { readonly hash: Uint8Array; readonly order: number; readonly hour: number; readonly fanout: Uint8Array }[]
}
export const placedHashBytes = 16
export const placedEntryBytes = 28

export interface StoredGroup {
  readonly epoch: number
  readonly deliveryKey: Uint8Array
  /** That of the epoch before, unless there is none or a removal ended it. */
  readonly previousKey: Uint8Array | undefined
  readonly lastOrder: number
  readonly lastHour: number
  readonly createHash: Uint8Array
  readonly seats: readonly StoredSeat[]
  readonly placed: StoredPlaces
  /** Bodies that wait: order and size in turn, ascending. */
  readonly waiting: Float64Array
}

export interface StoredBody {
  readonly order: number
  /** As it was written, while the file stays open; later perhaps the last hour of its day. */
  readonly hour: number
  /** `commit`: the body is the record of a commit as it goes to readers. */
  readonly kind: "post" | "commit"
  readonly body: Uint8Array
  readonly groupInfo: Uint8Array | undefined
}

/** One thing that was decided. Those of a group are written in the order in which they were decided. */
export type Change =
  | CreateChange
  | PostChange
  | CommitChange
  | RekeyChange
  /** Bodies from `from` to `through` go for good. */
  | { readonly kind: "erase"; readonly groupId: Uint8Array; readonly from: number; readonly through: number }
  /** A seat that left and has got everything. */
  | { readonly kind: "seatGone"; readonly groupId: Uint8Array; readonly seat: Uint8Array }

export interface CreateChange {
  readonly kind: "create"
  readonly groupId: Uint8Array
  readonly deliveryKey: Uint8Array
  readonly createHash: Uint8Array
  readonly hour: number
  readonly seat: Uint8Array
  readonly publicKey: Uint8Array
  readonly readHash: Uint8Array
}
export interface PostChange {
  readonly kind: "post"
  readonly groupId: Uint8Array
  readonly order: number
  readonly hour: number
  /** Of the body, `placedHashBytes`. */
  readonly hash: Uint8Array
  readonly body: Uint8Array
}
export interface CommitChange {
  readonly kind: "commit"
  readonly groupId: Uint8Array
  readonly order: number
  readonly hour: number
  readonly hash: Uint8Array
  readonly fanout: Uint8Array
  /** The one that begins. */
  readonly epoch: number
  readonly deliveryKey: Uint8Array
  readonly previousKey: Uint8Array | undefined
  /** Those that were not there before: their seats begin at `order`. */
  readonly adds: readonly { readonly seat: Uint8Array; readonly publicKey: Uint8Array; readonly readHash: Uint8Array }[]
  /** Those that were there: their seats end at `order`, and what they asked for goes. */
  readonly removes: readonly Uint8Array[]
  readonly body: Uint8Array
  readonly groupInfo: Uint8Array | undefined
}
export interface RekeyChange {
  readonly kind: "rekey"
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  readonly publicKey: Uint8Array
  readonly readHash: Uint8Array
  readonly rekeyed: number
}

/** What retention took from one group. */
export interface Expired {
  readonly groupId: Uint8Array
  /** Bodies up to this order are gone; 0: none. */
  readonly through: number
}

/** A blob that is whole. */
export interface StoredBlob {
  /** SHA-256 of the id that reads it. */
  readonly idHash: Uint8Array
  /** SHA-256 of the secret that changes it. */
  readonly secretHash: Uint8Array
  /** Name of its file, `blobFileBytes` random bytes. */
  readonly file: Uint8Array
  readonly size: number
  /** The last Unix day on which it is kept. */
  readonly untilDay: number
}
export const blobFileBytes = 16

/** A blob that is on its way. Beside it there may be a whole one with the same id, which it replaces once it is whole. */
export interface StoredUpload extends StoredBlob {
  /** Bytes that are on the disk. */
  readonly received: number
  /** The Unix day on which it began. */
  readonly begunDay: number
}

export interface DeliveryDepth {
  readonly groups: number
  readonly bodies: number
  readonly bytes: number
  /** Unix hour in which the day of the oldest body began; undefined if nothing waits. */
  readonly oldestHour: number | undefined
}

/** The operations. Each is atomic: it throws and nothing is written, or it is done. */
export interface DeliveryStoreOperations {
  /** All of the changes, in this order, or none. */
  write(input: { readonly changes: readonly Change[] }): void
  /** The group with everything that was written before; `placedSinceHour`: places before this hour are left out. */
  loadGroup(input: { readonly groupId: Uint8Array; readonly placedSinceHour: number }): StoredGroup | undefined
  /** Bodies after `after` up to `through`, ascending, those that are still there: at most `maxRecords`, and no more once they are `maxBytes`. */
  readBodies(input: {
    readonly groupId: Uint8Array
    readonly after: number
    readonly through: number
    readonly maxRecords: number
    readonly maxBytes: number
  }): readonly StoredBody[]
  /** Whether the token was unspent; it is spent now. */
  spendToken(input: { readonly tokenHash: Uint8Array; readonly keyEpoch: number }): boolean
  /** Stays the same for the life of the database: the first caller's value wins and is what everybody gets. */
  setting(input: { readonly name: string; readonly value: Uint8Array }): Uint8Array
  /**
   * Erases what is past its time in at most `max` groups after `from`: bodies before `bodiesBeforeHour`, with them the seats that ended there;
   * what seats asked for before its day; places before `placedBeforeHour`; groups in which no seat is left, and those to which nothing has come
   * since the day of `unusedBeforeHour`. `next` is where to go on; undefined when everything has been looked at.
   */
  sweep(input: {
    readonly from: Uint8Array | undefined
    readonly bodiesBeforeHour: number
    readonly placedBeforeHour: number
    readonly unusedBeforeHour: number
    readonly spentBeforeKeyEpoch: number
    readonly max: number
  }): { readonly next: Uint8Array | undefined; readonly expired: readonly Expired[] }
  /** What there is under an id. */
  findBlob(input: { readonly idHash: Uint8Array }): { readonly blob: StoredBlob | undefined; readonly upload: StoredUpload | undefined }
  /** False, and nothing is stored, if all blobs and uploads together would have more than `maxBytes`. Replaces an upload with the same id. */
  beginUpload(input: { readonly upload: StoredUpload; readonly maxBytes: number }): boolean
  noteReceived(input: { readonly idHash: Uint8Array; readonly received: number }): void
  /** The upload is a blob from now on, in place of the one with its id. False: there is no such upload any more. */
  finishUpload(input: { readonly idHash: Uint8Array }): boolean
  extendBlob(input: { readonly idHash: Uint8Array; readonly untilDay: number }): void
  /** The upload with the id, or both it and the blob. */
  deleteBlob(input: { readonly idHash: Uint8Array; readonly what: "upload" | "both" }): void
  /** Deletes what is past its time; answers the files that nothing needs any more. */
  expireBlobs(input: { readonly day: number; readonly unfinishedBeforeDay: number }): readonly Uint8Array[]
  /** Those of at most `max` ids, ascending, after the id hash `from`: each file with the bytes that it must have. */
  listBlobs(input: { readonly from: Uint8Array | undefined; readonly max: number }): readonly {
    readonly idHash: Uint8Array
    readonly what: "upload" | "blob"
    readonly file: Uint8Array
    readonly bytes: number
  }[]
  /** What all of them take, uploads with the size that they will have. */
  blobDepth(input: Record<string, never>): { readonly blobs: number; readonly bytes: number }
  /** Takes away copies of erased rows that lie in unused parts of the file, once a day; then empties the write-ahead log. */
  eraseTraces(input: { readonly nowMs: number }): void
  /** What the database says of its own health: "ok", or the first thing that is wrong. */
  integrity(input: Record<string, never>): string
  /** What waits, as counts and sizes. Reads every row. */
  depth(input: Record<string, never>): DeliveryDepth
}

export type DeliveryOperation = keyof DeliveryStoreOperations
export type DeliveryInput<Name extends DeliveryOperation> = Parameters<DeliveryStoreOperations[Name]>[0]
export type DeliveryOutput<Name extends DeliveryOperation> = ReturnType<DeliveryStoreOperations[Name]>

/**
 * The port. An operation resolves only after it is on the disk that survives power loss, and in the order of the calls: a later call sees what
 * an earlier one wrote. Rejects with `WireError` `unavailable` when the store could not write, or wrote and could not say so: load the groups
 * again to see; `internal` for a bug, of which nothing was written.
 */
export type DeliveryStore = {
  readonly [Name in DeliveryOperation]: (input: DeliveryInput<Name>) => Promise<DeliveryOutput<Name>>
} & {
  /** Finishes what was asked and lets go of the files. */
  close(): Promise<void>
}
