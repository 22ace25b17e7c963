// The engine's public types. Every operation is synchronous and pure: it takes a state, an input, randomness and time, and
// returns a new state plus the records to write. Nothing is changed in place; a state that was refused an input is still whole.

import type { Bytes } from "@nodoor/bytes"
import type { CipherSuiteId, CryptoProvider } from "../provider/provider.ts"

export type GroupId = Bytes<"GroupId">
/** Hash of a KeyPackage, RFC 9420 §5.2: 32 bytes. */
export type KeyPackageRef = Bytes<"KeyPackageRef">

/** What an operation may use besides its arguments. `timeMs` is Unix time in milliseconds. */
export interface Environment {
  readonly crypto: CryptoProvider
  readonly timeMs: number
}

/** One small record to store: a value under a key, or `undefined` to erase it. Keys are short ASCII text, unique within a group. */
export interface RecordWrite {
  readonly key: string
  readonly value: Uint8Array | undefined
}

/** What changed: the next state, and exactly the records that must be on disk, in one transaction, before anything is sent or shown. */
export interface Change {
  readonly state: GroupState
  readonly writes: readonly RecordWrite[]
}

declare const groupState: unique symbol
/** One group at one moment. Opaque: read it through the functions of this package. Immutable. */
export interface GroupState {
  readonly [groupState]: true
  readonly groupId: GroupId
  readonly epoch: bigint
  readonly suite: CipherSuiteId
  readonly ownLeafIndex: number
  /** False once this member has been removed or the group was re-initialised; then nothing can be sent. */
  readonly active: boolean
}

/** What a group lets in besides the default. Kept with the group; absent means the strict choice. */
export interface GroupOptions {
  /** "private" (default): handshake messages arrive encrypted only. "any": also as PublicMessage (RFC 9420 §6.2). */
  readonly handshakes?: "private" | "any"
  /** Let outsiders join by external commit (RFC 9420 §12.4.3.2), with every check of §12.2. Default false. */
  readonly externalCommits?: boolean
  /** Accept proposals of the group's external senders and of new members (RFC 9420 §12.1.8). Default false. */
  readonly externalProposals?: boolean
  /** Longest total lifetime of an added leaf in seconds (RFC 9420 §7.2), `Infinity` for no limit. Default 400 days. */
  readonly maxLifetimeS?: number
}

export interface Extension {
  readonly type: number
  readonly data: Uint8Array
}

/** A member as its leaf shows it (RFC 9420 §7.2). `identity` is the BasicCredential's identity, `signatureKey` 32 bytes. */
export interface Member {
  readonly leafIndex: number
  readonly identity: Uint8Array
  readonly signatureKey: Uint8Array
}

/** A signature key pair with the BasicCredential identity it signs for. `privateKey` is the 32-byte Ed25519 seed. */
export interface Signer {
  readonly identity: Uint8Array
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

export interface NewKeyPackage {
  /** The KeyPackage as a serialised MLSMessage (RFC 9420 §6), ready to upload. */
  readonly message: Uint8Array
  readonly ref: KeyPackageRef
  /** Private part to store under `ref` until it is used or expires; erase it after joining unless it is a last-resort KeyPackage. */
  readonly secret: Uint8Array
}

/** A parsed and validated KeyPackage of somebody else (RFC 9420 §10.1). Made by `parseKeyPackage` only. */
export interface VerifiedKeyPackage {
  readonly ref: KeyPackageRef
  readonly member: Omit<Member, "leafIndex">
  readonly suite: CipherSuiteId
  readonly lifetime: { readonly notBeforeS: bigint; readonly notAfterS: bigint }
  readonly lastResort: boolean
  /** What its application understands, RFC 9420 §7.2, as its capabilities list it. */
  readonly supports: { readonly extensionTypes: readonly number[]; readonly proposalTypes: readonly number[] }
  readonly message: Uint8Array
}

/** A leaf with its extensions, RFC 9420 §7.2. */
export interface LeafExtensions {
  readonly leafIndex: number
  readonly extensions: readonly Extension[]
}

/** What a commit of our own should do. An empty list with `path: true` is a plain update of our own leaf. */
export type ProposalInput =
  | { readonly type: "add"; readonly keyPackage: VerifiedKeyPackage }
  | { readonly type: "remove"; readonly leafIndex: number }
  | { readonly type: "group_context_extensions"; readonly extensions: readonly Extension[] }
  | { readonly type: "psk"; readonly pskId: PskId }
  | { readonly type: "reinit"; readonly groupId: GroupId; readonly suite: CipherSuiteId; readonly extensions: readonly Extension[] }
  /** A proposal of the application's own, 0xF000 to 0xFFFF (RFC 9420 §17.4), which every member must understand. Only inside a commit. */
  | { readonly type: "private_use"; readonly proposalType: number; readonly data: Uint8Array }

export type PskId =
  | { readonly type: "external"; readonly id: Uint8Array }
  | { readonly type: "resumption"; readonly usage: "application" | "reinit" | "branch"; readonly groupId: GroupId; readonly epoch: bigint }

/** A Welcome taken apart, so that the server can give each joiner its own secrets and one shared GroupInfo (RFC 9420 §12.4.3.1). */
export interface WelcomeParts {
  /** One per added member, in the order of the add proposals: the EncryptedGroupSecrets as encoded. */
  readonly secrets: readonly { readonly ref: KeyPackageRef; readonly encrypted: Uint8Array }[]
  readonly encryptedGroupInfo: Uint8Array
}

/**
 * A commit, our own or another member's, validated completely and not yet applied. Show it to policy and transparency, then
 * `applyCommit` or forget it. `before` and `after` describe the group's members and extensions around it.
 */
export interface StagedCommit {
  readonly epoch: bigint
  /** Leaf index of the committer; for an external commit, the leaf that it takes. */
  readonly committer: number
  /** Whether the committer joins by this commit (RFC 9420 §12.4.3.2). Only in groups that opted in. */
  readonly external: boolean
  readonly own: boolean
  readonly added: readonly Member[]
  /** The key package of each Add, in the order of `added`. */
  readonly addedRefs: readonly KeyPackageRef[]
  /** The leaves that are new or changed, as they will be: those of `added`, then those of `updated`. */
  readonly freshLeaves: readonly LeafExtensions[]
  /** Proposals of the application's own, in their order. */
  readonly privateUse: readonly { readonly type: number; readonly data: Uint8Array }[]
  readonly removed: readonly Member[]
  /** Leaves whose content changed: Update proposals and the committer's path. */
  readonly updated: readonly { readonly before: Member; readonly after: Member }[]
  /** Who proposed what: one entry per proposal in the commit, `sender` a leaf index, or -1 for a sender outside the group. */
  readonly proposals: readonly {
    readonly type: "add" | "update" | "remove" | "psk" | "reinit" | "group_context_extensions" | "external_init" | "private_use"
    readonly sender: number
    readonly leafIndex?: number
  }[]
  readonly extensionsBefore: readonly Extension[]
  readonly extensionsAfter: readonly Extension[]
  /** Whether this member itself is removed by the commit. */
  readonly removesOwn: boolean
  /**
   * The ReInit that the commit carries, RFC 9420 §12.1.5: applied, it closes the group for good. `version` and `suite` are the numbers as
   * they came; this engine may know neither.
   */
  readonly reinit:
    | { readonly groupId: GroupId; readonly version: number; readonly suite: number; readonly extensions: readonly Extension[] }
    | undefined
  /** The authenticated_data of the commit's framing. */
  readonly authenticatedData: Uint8Array
}

export interface OwnCommit {
  /** PrivateMessage as a serialised MLSMessage. */
  readonly message: Uint8Array
  /**
   * The old epoch with the handshake key of `message` consumed. Write it with the outbox when the commit is sent, so that no second
   * message of this epoch is sealed with the same key (RFC 9420 §9.1); `applyCommit` takes either state.
   */
  readonly change: Change
  readonly welcome: WelcomeParts | undefined
  readonly staged: StagedCommit
}

/** A Welcome opened and validated completely, not yet stored. */
export interface StagedJoin {
  readonly groupId: GroupId
  readonly epoch: bigint
  readonly members: readonly Member[]
  readonly extensions: readonly Extension[]
  /** Of the GroupInfo, without the ratchet tree. */
  readonly groupInfoExtensions: readonly Extension[]
  readonly leaves: readonly LeafExtensions[]
  /** Leaf index of the member that signed the GroupInfo. */
  readonly signer: number
  readonly ownLeafIndex: number
}

/** A proposal by reference as it came. `leafIndex`: of a remove, the leaf to go; `after`: of an update, the leaf as it would become. */
export interface ReceivedProposal {
  readonly type: StagedCommit["proposals"][number]["type"]
  readonly leafIndex?: number
  readonly after?: Member
}

/** What one incoming MLSMessage turned out to be. */
export type Processed =
  | {
      readonly kind: "application"
      readonly change: Change
      readonly sender: Member
      readonly plaintext: Uint8Array
      readonly authenticatedData: Uint8Array
      readonly epoch: bigint
      readonly generation: number
    }
  | {
      readonly kind: "proposal"
      readonly change: Change
      /** Instead of `change`, to forget the proposal: only the handshake key is consumed, and no commit of ours takes it. */
      readonly discarded: Change
      readonly sender: Member
      readonly epoch: bigint
      readonly proposal: ReceivedProposal
    }
  | {
      readonly kind: "commit"
      readonly staged: StagedCommit
      /** Writes that must be kept even if the commit is refused (the consumed handshake key). */ readonly change: Change
    }

/** Records of one group as stored, in any order. */
export type StoredRecords = Iterable<{ readonly key: string; readonly value: Uint8Array }>

/**
 * The functions of the engine, as `index.ts` exports them one by one.
 * Bad bytes and broken rules throw `MlsError` with a code (docs/mls-validation.md) and leave the state as it was.
 */
export interface Engine {
  generateSigner(env: Environment, input: { readonly suite: CipherSuiteId; readonly identity: Uint8Array }): Signer
  generateKeyPackage(
    env: Environment,
    input: {
      readonly suite: CipherSuiteId
      readonly signer: Signer
      readonly lifetimeS: number
      /** How long before now the lifetime begins, for peers whose clocks are late or an own one that is early; an hour if left out. */
      readonly earlierS?: number
      readonly lastResort: boolean
      /** What the application understands: extensions, and proposals of the private-use range (RFC 9420 §7.2). */
      readonly extensionTypes?: readonly number[]
      readonly proposalTypes?: readonly number[]
      readonly leafExtensions?: readonly Extension[]
    },
  ): NewKeyPackage
  parseKeyPackage(env: Environment, message: Uint8Array, options?: Pick<GroupOptions, "maxLifetimeS">): VerifiedKeyPackage
  createGroup(
    env: Environment,
    input: {
      readonly suite: CipherSuiteId
      readonly groupId: GroupId
      readonly signer: Signer
      readonly extensions: readonly Extension[]
      readonly extensionTypes?: readonly number[]
      readonly proposalTypes?: readonly number[]
      /** Of the creator's leaf. */
      readonly leafExtensions?: readonly Extension[]
      readonly options?: GroupOptions
    },
  ): Change
  /** Our own commit. Nothing of `state` changes until `applyCommit`. `byReference`: also commit the valid pending proposals (default true). */
  commit(
    env: Environment,
    state: GroupState,
    input: {
      readonly proposals: readonly ProposalInput[]
      readonly signer: Signer
      readonly byReference?: boolean
      readonly forcePath?: boolean
      readonly authenticatedData?: Uint8Array
      readonly psks?: PskLookup
      /** Extensions that the own leaf has from now on, in place of those of the same types. The commit has a path then. */
      readonly leafExtensions?: readonly Extension[]
      /** Extensions of the GroupInfo that newcomers get, beside the ratchet tree; asked only when there is one. */
      readonly groupInfoExtensions?: (staged: StagedCommit) => readonly Extension[]
    },
  ): OwnCommit
  /** Proposals by reference, as PrivateMessage. */
  propose(
    env: Environment,
    state: GroupState,
    input: {
      readonly proposal: ProposalInput | { readonly type: "update" }
      readonly signer: Signer
      readonly authenticatedData?: Uint8Array
    },
  ): { readonly change: Change; readonly message: Uint8Array }
  applyCommit(env: Environment, state: GroupState, staged: StagedCommit): Change
  /** Own staged commit as bytes, to store with the outbox until the server has ordered it; and back. Holds secrets of the next epoch. */
  encodeStaged(staged: StagedCommit): Uint8Array
  decodeStaged(env: Environment, state: GroupState, bytes: Uint8Array): StagedCommit
  encodeWelcome(
    suite: CipherSuiteId,
    parts: { readonly secrets: readonly Uint8Array[]; readonly encryptedGroupInfo: Uint8Array },
  ): Uint8Array
  /** KeyPackage refs a Welcome (serialised MLSMessage) is for, to find the right secret. */
  welcomeRefs(welcome: Uint8Array): readonly KeyPackageRef[]
  openWelcome(
    env: Environment,
    input: {
      readonly welcome: Uint8Array
      readonly keyPackageSecret: Uint8Array
      readonly signer: Signer
      readonly ratchetTree?: Uint8Array
      readonly psks?: PskLookup
      readonly options?: GroupOptions
      /** The group this one continues, when a resumption PSK of usage reinit or branch leads here (RFC 9420 §11.2, §11.3). */ readonly resumes?: GroupState
    },
  ): StagedJoin
  join(env: Environment, staged: StagedJoin): Change
  /**
   * EncryptWithLabel (RFC 9420 §5.1.3) to the init key of a key package, with its reference as context: something for its owner beside a
   * Welcome. The label is an application's own.
   */
  sealToKeyPackage(
    env: Environment,
    keyPackage: VerifiedKeyPackage,
    input: { readonly label: string; readonly plaintext: Uint8Array },
  ): { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array }
  /** What `sealToKeyPackage` sealed. @throws MlsError `sealed_to_key_package` when it does not open */
  openWithKeyPackage(
    env: Environment,
    input: {
      readonly keyPackageSecret: Uint8Array
      readonly label: string
      readonly kemOutput: Uint8Array
      readonly ciphertext: Uint8Array
    },
  ): Uint8Array
  protect(
    env: Environment,
    state: GroupState,
    input: { readonly plaintext: Uint8Array; readonly signer: Signer; readonly authenticatedData?: Uint8Array },
  ): { readonly change: Change; readonly message: Uint8Array }
  process(env: Environment, state: GroupState, message: Uint8Array, options?: { readonly psks?: PskLookup }): Processed
  /**
   * After `own_message`: whether this member sent it from a later state than this one, which is then an older copy. Never throws for what
   * comes in; what does not open, or was sent from this state, is not.
   */
  isOfLaterSelf(env: Environment, state: GroupState, message: Uint8Array): boolean
  /** Which group and epoch a PrivateMessage or PublicMessage is for, without decrypting. */
  peek(message: Uint8Array): {
    readonly groupId: GroupId
    readonly epoch: bigint
    readonly contentType: "application" | "proposal" | "commit"
  }
  /**
   * Erases keys and epochs that were kept for late messages for longer than seven days. Call it daily for every group, also where nothing
   * happens; `writes` is empty when there was nothing to do.
   */
  forgetOld(env: Environment, state: GroupState): Change
  members(state: GroupState): readonly Member[]
  leaves(state: GroupState): readonly LeafExtensions[]
  extensions(state: GroupState): readonly Extension[]
  exportSecret(
    env: Environment,
    state: GroupState,
    input: { readonly label: string; readonly context: Uint8Array; readonly lengthBytes: number },
  ): Uint8Array
  epochAuthenticator(state: GroupState): Uint8Array
  treeHash(env: Environment, state: GroupState): Uint8Array
  loadGroup(env: Environment, records: StoredRecords): GroupState
  /** All records of the state, for a first write or a backup; `writes` of changes are enough otherwise. */
  records(state: GroupState): readonly RecordWrite[]
}

/** External or resumption PSK secrets the caller holds; undefined when unknown. */
export type PskLookup = (id: PskId) => Uint8Array | undefined
