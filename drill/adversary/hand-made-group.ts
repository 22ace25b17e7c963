// A group as somebody with its keys and with changed code has it: the engine's state and the seats, used without the client's rules, so that
// everything can be done that MLS itself and the delivery service let a member do.

import { encodeTls } from "@nodoor/bytes"
import {
  type Environment,
  type Extension,
  type GroupId,
  type GroupState,
  type OwnCommit,
  type ProposalInput,
  type Signer,
  type StagedCommit,
  type VerifiedKeyPackage,
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  exportSecret,
  members,
  process,
} from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import {
  type CommitItem,
  type CreateItem,
  type PostItem,
  type SeatKeys,
  commitSignatureInput,
  createSignatureInput,
  postFlags,
  postMac,
} from "@nodoor/wire/delivery"
import {
  type HeldSeat,
  type HeldSeats,
  type OwnSeat,
  groupInfoExtension,
  keysOf,
  leafExtension,
  newSeat,
  seatInLeaf,
  seatsOfProposal,
  seatsProposal,
  seatsType,
} from "./seats.ts"
import { suite, understood } from "./leaf.ts"

/** Keys and the production engine: all that it takes. */
export interface Hands {
  readonly env: Environment
  readonly signer: Signer
}

export interface HandMade {
  readonly state: GroupState
  readonly seats: HeldSeats
  readonly own: OwnSeat
}

/** Somebody whom a commit added, with what their introduction holds. */
export interface Added {
  readonly keyPackage: VerifiedKeyPackage
  readonly seat: OwnSeat
  /** EncryptedGroupSecrets. */
  readonly encrypted: Uint8Array
}

export interface MadeCommit {
  readonly own: OwnCommit
  readonly next: HandMade
  readonly item: CommitItem
  readonly added: readonly Added[]
}

/** What a commit says that an honest one would not. Left out, everything is as the tree has it. */
export interface Deviation {
  /** In the place of the proposal that gives those who are added their seats. */
  readonly seatsProposals?: readonly ProposalInput[]
  /** What the server is told. */
  readonly adds?: readonly SeatKeys[]
  readonly removes?: readonly Uint8Array[]
  /** What those who join are told. */
  readonly told?: (seats: HeldSeats) => HeldSeats
  /** Who signs. */
  readonly signs?: OwnSeat
  /** Which seat the own leaf names. */
  readonly leaf?: readonly Extension[]
  /** The key that posts of the next epoch are to be made with. */
  readonly nextDeliveryKey?: Uint8Array
  /** What those who join find at the server: the whole Welcome, where it is for devices that asked. Otherwise the encrypted GroupInfo. */
  readonly wholeWelcome?: "genuine" | "damaged"
  /** What the server is given in the place of the commit. */
  readonly given?: (commit: Uint8Array) => Uint8Array
}

/** A group of one. */
export function foundGroup(
  hands: Hands,
  groupId: GroupId,
  extensions: readonly Extension[],
): { readonly held: HandMade; readonly item: CreateItem } {
  const own = newSeat()
  const { env, signer } = hands
  const leafExtensions = [leafExtension(own)]
  const { state } = createGroup(env, { suite, groupId, signer, extensions, ...understood, leafExtensions })
  const { privateKey, readSecret: _readSecret, ...keys } = keysOf(own)
  const deliveryKey = deliveryKeyOf(env, state)
  const signature = nodeProvider.signEd25519({ privateKey, message: createSignatureInput({ ...keys, groupId, deliveryKey }) })
  const held = { state, own, seats: new Map([[0, { seat: own.seat, publicKey: keys.publicKey, own: true }]]) }
  return { held, item: { type: "create", ref: 0, groupId, deliveryKey, ...keys, signature } }
}

export function commitByHand(
  { env, signer }: Hands,
  held: HandMade,
  proposals: readonly ProposalInput[],
  deviation: Deviation = {},
): MadeCommit {
  const { state, own: ownSeat } = held
  const keyPackages = proposals.flatMap((proposal) => (proposal.type === "add" ? [proposal.keyPackage] : []))
  const placed = keyPackages.map((keyPackage) => ({ keyPackage, seat: newSeat() }))
  const entries = placed.map(({ keyPackage, seat }) => ({ ref: keyPackage.ref, ...publicOf(seat) }))
  const { seatsProposals = placed.length > 0 ? [seatsProposal(entries)] : [], told = (seats: HeldSeats) => seats } = deviation
  const own = commit(env, state, {
    proposals: [...proposals, ...seatsProposals],
    signer,
    forcePath: true,
    leafExtensions: deviation.leaf ?? [leafExtension(ownSeat)],
    groupInfoExtensions: (staged) => [groupInfoExtension(told(seatsAfter(held.seats, staged, entries)))],
  })
  const next = { state: applyCommit(env, state, own.staged).state, own: ownSeat, seats: seatsAfter(held.seats, own.staged, entries) }
  const gone = own.staged.removed.flatMap(({ leafIndex }) => held.seats.get(leafIndex)?.seat ?? [])
  const { adds = placed.map(({ seat }) => seatKeysOf(seat)), removes = gone } = deviation
  const nextDeliveryKey = deviation.nextDeliveryKey ?? deliveryKeyOf(env, next.state)
  const given = deviation.given?.(own.message) ?? own.message
  const unsigned = {
    groupId: state.groupId,
    epoch: Number(state.epoch),
    seat: (deviation.signs ?? ownSeat).seat,
    adds,
    removes,
    commit: given,
    ...(adds.length > 0 &&
      own.welcome && { groupInfo: deviation.wholeWelcome ? wholeOf(own.welcome, deviation.wholeWelcome) : own.welcome.encryptedGroupInfo }),
  }
  const message = commitSignatureInput({
    ...unsigned,
    commitHash: nodeProvider.sha256(given),
    infoHash: unsigned.groupInfo && nodeProvider.sha256(unsigned.groupInfo),
    nextKeyHash: nodeProvider.sha256(nextDeliveryKey),
  })
  const signature = nodeProvider.signEd25519({ privateKey: keysOf(deviation.signs ?? ownSeat).privateKey, message })
  const mac = macOf(env, state, given, postFlags.commit)
  const added = placed.map((one, at) => ({ ...one, encrypted: own.welcome?.secrets[at]?.encrypted ?? new Uint8Array() }))
  return { own, next, added, item: { type: "commit", ref: 0, ...unsigned, mac, signature, nextDeliveryKey } }
}

function wholeOf({ secrets, encryptedGroupInfo }: NonNullable<OwnCommit["welcome"]>, form: Deviation["wholeWelcome"]): Uint8Array {
  const info = form === "damaged" ? encryptedGroupInfo.toReversed() : encryptedGroupInfo
  return encodeWelcome(suite, { secrets: secrets.map(({ encrypted }) => encrypted), encryptedGroupInfo: info })
}

/** A body for the group: a message, a proposal, or whatever it is. `ephemeral`: to those who are connected only. */
export function postByHand(
  env: Environment,
  state: GroupState,
  body: Uint8Array,
  { ephemeral = false }: { readonly ephemeral?: boolean } = {},
): PostItem {
  const flags = ephemeral ? postFlags.ephemeral : postFlags.post
  const mac = macOf(env, state, body, flags)
  return { type: "post", ref: 0, groupId: state.groupId, epoch: Number(state.epoch), flags, mac, body }
}

/** What the group is after a body of somebody else. @throws MlsError */
export function follow(
  env: Environment,
  held: HandMade,
  body: Uint8Array,
): { readonly held: HandMade; readonly plaintext: Uint8Array | undefined } {
  const processed = process(env, held.state, body)
  const { state } = processed.change
  if (processed.kind !== "commit")
    return { held: { ...held, state }, plaintext: processed.kind === "application" ? processed.plaintext : undefined }
  const { staged } = processed
  const told = staged.privateUse.find(({ type }) => type === seatsType)
  const seats = seatsAfter(held.seats, staged, told ? seatsOfProposal(told.data) : [])
  return { held: { ...held, state: applyCommit(env, state, staged).state, seats }, plaintext: undefined }
}

/** MLS-Exporter("nodoor delivery", epoch as uint64, 32). */
export function deliveryKeyOf(env: Environment, state: GroupState): Uint8Array {
  const context = encodeTls((w) => w.u64(state.epoch))
  return exportSecret(env, state, { label: "nodoor delivery", context, lengthBytes: 32 })
}

/** Whose device id a leaf of the group ends with, and the leaf's seat. */
export function seatOf({ state, seats }: HandMade, deviceId: Uint8Array): HeldSeat | undefined {
  const leaf = members(state).find(({ identity }) => Buffer.from(identity.slice(-16)).equals(deviceId))
  return leaf && seats.get(leaf.leafIndex)
}

/** The seat's keys as the server is told. */
export function seatKeysOf(own: OwnSeat): SeatKeys {
  const { seat, publicKey, readHash } = keysOf(own)
  return { seat, publicKey, readHash }
}

function publicOf(own: OwnSeat): { readonly seat: Uint8Array; readonly publicKey: Uint8Array } {
  const { seat, publicKey } = keysOf(own)
  return { seat, publicKey }
}

function macOf(env: Environment, state: GroupState, body: Uint8Array, flags: number): Uint8Array {
  const input = { groupId: state.groupId, epoch: Number(state.epoch), flags, bodyHash: nodeProvider.sha256(body) }
  return postMac(nodeProvider.sha256, deliveryKeyOf(env, state), input)
}

function seatsAfter(
  before: HeldSeats,
  staged: StagedCommit,
  given: readonly { readonly seat: Uint8Array; readonly publicKey: Uint8Array }[],
): HeldSeats {
  const seats = new Map(before)
  for (const { leafIndex } of staged.removed) seats.delete(leafIndex)
  for (const [at, { leafIndex }] of staged.added.entries()) {
    const seat = given[at]
    if (seat) seats.set(leafIndex, { seat: seat.seat, publicKey: seat.publicKey, own: false })
  }
  for (const { leafIndex, extensions } of staged.freshLeaves) {
    const own = seatInLeaf(extensions)
    if (own) seats.set(leafIndex, { ...own, own: true })
  }
  return seats
}
