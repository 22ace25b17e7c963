// What the account service needs of a database: named operations, each atomic.

import type { DeviceClaim, ErrorCode } from "@nodoor/wire"

/** A device as the newest state of its account lists it. */
export interface DeviceKey {
  readonly deviceId: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly signatureKey: Uint8Array
}

export interface NewAccount {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly holderName: string
  readonly email: string | undefined
  readonly inviteHash: Uint8Array | undefined
  readonly genesis: Uint8Array
  readonly stateHash: Uint8Array
  readonly verifiedState: Uint8Array
  readonly handleBinding: Uint8Array
  readonly devices: readonly DeviceKey[]
  readonly nowMs: number
  /** Undefined if addresses are not kept. */
  readonly address: string | undefined
  /** How many accounts there may be, erased ones not counted; absent or 0 for any number. */
  readonly accountsMax?: number
}

export interface NextAccountState {
  readonly accountId: Uint8Array
  readonly version: number
  readonly state: Uint8Array
  readonly stateHash: Uint8Array
  readonly verifiedState: Uint8Array
  readonly devices: readonly DeviceKey[]
  /** A tombstone: what the operator noted about the person goes with it. */
  readonly erased: boolean
}

export interface AccountFound {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly handleBinding: Uint8Array
  readonly states: readonly Uint8Array[]
}

/** One account state as the transparency log takes it. */
export interface FeedRow {
  /** Rises from row to row. */
  readonly order: number
  readonly accountId: Uint8Array
  readonly version: number
  readonly state: Uint8Array
  /** With version 0: the name and the signed binding that the account registered under. */
  readonly handle: { readonly name: string; readonly binding: Uint8Array } | undefined
}

export interface AccountRow {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly name: string
  readonly email: string | undefined
  readonly createdAtMs: number
  readonly lastSeenDay: string
  readonly deviceCount: number
  readonly addresses: readonly { readonly address: string; readonly firstSeenMs: number; readonly lastSeenMs: number }[]
}

export const accountStatuses = ["active", "suspended", "erased"] as const
export type AccountStatus = (typeof accountStatuses)[number]

/** An account as somebody who runs the server needs it: no name, e-mail or IP address. */
export interface AccountSummary {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly createdAtMs: number
  /** UTC day. */
  readonly lastSeenDay: string
  readonly deviceCount: number
  readonly state: AccountStatus
}

/** The account after a change, and its devices that may not connect any more. */
export interface AccountChanged {
  readonly account: AccountSummary
  readonly refused: readonly Uint8Array[]
}

export interface InviteRow {
  readonly codeHash: Uint8Array
  readonly label: string
  readonly usesLeft: number
  readonly expiresAtMs: number
}

/** What one table holds of an account that may be handed over: columns as the inventory lists them. */
export interface DisclosableTable {
  readonly table: string
  readonly columns: readonly string[]
  /** In the order of the columns; bytes in hexadecimal. */
  readonly rows: readonly (readonly (string | number | null)[])[]
}

export interface StoredPackage {
  readonly hash: Uint8Array
  readonly keyPackage: Uint8Array
}

/** One account of a claim. */
export interface AccountClaim {
  readonly accountId: Uint8Array
  /** Only these of its devices. */
  readonly deviceIds: readonly Uint8Array[] | undefined
  /** Its devices' one-time packages are kept for others. */
  readonly lastResortOnly: boolean
}

/**
 * The operations. Each is atomic: it refuses with a `WireError` and nothing is written, or it is done. Operations that change
 * something can be repeated with the same input after an answer was lost; what they do not do twice is said beside them.
 */
export interface StoreOperations {
  /** Stays the same for the life of the database: the first caller's value wins and is what everybody gets. */
  setting(input: { readonly name: string; readonly value: Uint8Array }): Uint8Array
  /** The setting, if anybody has set it. */
  notedSetting(input: { readonly name: string }): Uint8Array | undefined
  /** For a setting that nothing depends on yet. */
  replaceSetting(input: { readonly name: string; readonly value: Uint8Array }): void

  /** @throws WireError `account_exists`, `handle_taken`, `server_full`, `invite_invalid`. The same account again is accepted and uses no second invite. */
  registerAccount(input: NewAccount): void
  /**
   * Answers the devices that are gone. @throws WireError `account_state_stale` unless `version` follows the newest, `account_state_invalid`
   * for a device id that another account has or had, `account_suspended`, `account_erased`
   */
  appendAccountState(input: NextAccountState): readonly Uint8Array[]
  /** Erases all states of an account but the newest, and its handle's binding: once the log holds the account's end and needs them no more. */
  eraseChain(input: { readonly accountId: Uint8Array }): void
  /** The newest state as `encodeVerifiedAccountState` wrote it. */
  verifiedState(input: { readonly accountId: Uint8Array }): Uint8Array | undefined
  findAccount(input: {
    readonly handle: string | undefined
    readonly accountId: Uint8Array | undefined
    readonly afterVersion: number
    readonly maxStates: number
  }): AccountFound | undefined
  /** Account states in the order in which they were stored, those after `after`; `newest` is the last there is, 0 for none. */
  accountFeed(input: { readonly after: number; readonly max: number }): {
    readonly rows: readonly FeedRow[]
    readonly newest: number
    /** All keys for tokens that there are: a log takes those that it does not hold. */
    readonly tokenKeys: readonly { readonly epoch: number; readonly key: Uint8Array }[]
  }
  accountRow(input: { readonly accountId: Uint8Array }): AccountRow | undefined
  /** Everything of the account that the inventory exports, all of it: `count` is the one column of tables that are only counted. Empty for no such account. */
  disclosableTables(input: { readonly accountId: Uint8Array }): readonly DisclosableTable[]
  countAccounts(input: Record<string, never>): number
  accountCounts(input: Record<string, never>): Readonly<Record<AccountStatus, number>>
  /** In the order of their handles: those after `after`, and only those whose handle begins with `prefix`. */
  accountsPage(input: { readonly after: string | undefined; readonly prefix: string | undefined; readonly max: number }): {
    readonly accounts: readonly AccountSummary[]
    readonly more: boolean
  }
  /**
   * `suspend`: its devices cannot sign in and nobody can claim their KeyPackages; nothing is deleted, and `resume` undoes it. `erase`: what
   * the operator noted about the person goes for good, and devices and KeyPackages; handle and signed chain stay. The same change again changes nothing. @throws WireError `account_not_found`, `account_erased` for a change of an
   * erased account
   */
  changeAccount(input: { readonly accountId: Uint8Array; readonly change: "suspend" | "resume" | "erase" }): AccountChanged
  /** Rises with every change that `changeAccount` made, in this process or another. */
  accountChanges(input: Record<string, never>): number
  /** Those of the devices that may not connect: of a suspended account, or of an erased one. */
  refusedDevices(input: { readonly deviceIds: readonly Uint8Array[] }): readonly {
    readonly deviceId: Uint8Array
    readonly code: "account_suspended" | "account_erased"
  }[]
  /**
   * Erases, as `changeAccount` does, accounts that were last seen before the day `eraseBefore`, if their disuse was noticed `noticedDays`
   * observed days ago or longer: an observed day is a UTC day on which this was called. Disuse is noticed when an account was last seen
   * before the day `noticeBefore`, and forgotten when it is seen again, or when the clock says so after all. Suspended accounts and the
   * `present` ones are left alone. At most `max` of each at once: call again while `more`. Days are `YYYY-MM-DD`.
   */
  eraseUnused(input: {
    readonly today: string
    readonly noticeBefore: string
    readonly eraseBefore: string
    readonly noticedDays: number
    readonly present: readonly Uint8Array[]
    readonly max: number
  }): { readonly erased: number; readonly refused: readonly Uint8Array[]; readonly more: boolean }
  /** Adds codes; an `only` label first drops the earlier ones of that label. */
  addInvites(input: {
    readonly label: string
    readonly only: boolean
    readonly codeHashes: readonly Uint8Array[]
    readonly uses: number
    readonly expiresAtMs: number
  }): void
  /** Whether a code lets somebody register now. */
  isInvite(input: { readonly codeHash: Uint8Array; readonly nowMs: number }): boolean
  /** Codes that can still be used, the first to expire first. */
  listInvites(input: { readonly nowMs: number; readonly max: number }): readonly InviteRow[]
  /** Drops the codes whose hash begins with these bytes; answers how many there were. */
  revokeInvite(input: { readonly hashPrefix: Uint8Array }): number

  /** @throws WireError `account_erased` for a device of an account that the server erased */
  deviceKey(input: { readonly deviceId: Uint8Array }):
    | {
        readonly accountId: Uint8Array
        readonly signatureKey: Uint8Array
        /** The account is suspended: the device may not sign in. */
        readonly suspended: boolean
      }
    | undefined
  /**
   * Notes in which four weeks accounts were here, and from which addresses. An account that is gone or erased is passed over. `periodMs`: when the
   * four weeks began. `addressesMs`: how the addresses are dated.
   */
  noteSeen(input: {
    readonly seen: readonly {
      readonly accountId: Uint8Array
      readonly periodMs: number
      readonly addresses: readonly string[]
      readonly addressesMs: number
    }[]
  }): void

  /** Answers how many one-time packages are held. @throws WireError `too_many_key_packages` */
  uploadKeyPackages(input: {
    readonly deviceId: Uint8Array
    readonly oneTime: readonly StoredPackage[]
    readonly lastResort: StoredPackage | undefined
    /** The one-time packages that are held go first. */
    readonly replace?: boolean
    readonly maxOneTime: number
    /** What the one-time packages of all devices may take in memory; beyond that, the oldest go. Default: 256 MiB. */
    readonly memoryMaxBytes?: number
  }): number
  /** Hashes of the one-time packages held, ascending, and that of the last resort. */
  keyPackageHashes(input: { readonly deviceId: Uint8Array }): {
    readonly oneTime: readonly Uint8Array[]
    readonly lastResort: Uint8Array | undefined
  }
  /** The public keys that tokens verify under, by their epochs. */
  tokenKeys(input: Record<string, never>): readonly { readonly epoch: number; readonly key: Uint8Array }[]
  /** The private key of an epoch, PKCS #8. */
  tokenSecret(input: { readonly epoch: number }): Uint8Array | undefined
  /** The first key of an epoch stays. */
  addTokenKey(input: { readonly epoch: number; readonly privateKey: Uint8Array; readonly key: Uint8Array }): void
  /** Erases the keys of earlier epochs, and which of their tokens were spent. */
  dropTokenKeys(input: { readonly before: number }): void
  isTokenSpent(input: { readonly hash: Uint8Array }): boolean
  /**
   * Spends the token and gives a KeyPackage of each device asked for that has any. A one-time package is never given out twice. An account of
   * which nothing can be claimed is refused with its reason, and stops nothing: `account_not_found`, `account_unavailable` for a suspended or
   * erased one.
   * @throws WireError `token_spent`, and then nothing was done
   */
  claimDevices(input: {
    readonly token: { readonly hash: Uint8Array; readonly keyEpoch: number }
    readonly accounts: readonly AccountClaim[]
  }): {
    readonly claims: readonly Omit<DeviceClaim, "address">[]
    readonly refused: readonly { readonly accountId: Uint8Array; readonly code: ErrorCode }[]
  }
  /** Erases what is past its time. */
  sweep(input: { readonly nowMs: number; readonly addressesBeforeMs: number }): void
  /** Empties the write-ahead log into the database file. */
  checkpoint(input: Record<string, never>): void
  /** Takes away copies of erased rows that lie in unused parts of the file: once a day, and with the next call after an account was erased. Then as `checkpoint`. */
  eraseTraces(input: { readonly nowMs: number }): void
  /** What the database says of its own health: "ok", or the first thing that is wrong. */
  integrity(input: Record<string, never>): string
  /** The latest day noted for an account, Unix milliseconds; 0 if there is none: a clock that is before it was set back. */
  newestTime(input: Record<string, never>): number
}

export type OperationName = keyof StoreOperations
export type OperationInput<Name extends OperationName> = Parameters<StoreOperations[Name]>[0]
export type OperationOutput<Name extends OperationName> = ReturnType<StoreOperations[Name]>

/**
 * The port. An operation resolves only after it is on the disk that survives power loss, and in the order of the calls: a later call sees
 * what an earlier one wrote. Rejects with `WireError`: a refusal, of which nothing was written; `unavailable`, when the store could not write,
 * or wrote and could not say so: repeat it; `internal` for a bug, of which nothing was written.
 */
export type Store = {
  readonly [Name in OperationName]: (input: OperationInput<Name>) => Promise<OperationOutput<Name>>
} & {
  /** Finishes what was asked, empties the write-ahead log and lets go of the file. */
  close(): Promise<void>
}
