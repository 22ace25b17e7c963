// Requests to the delivery service. Posts carry a MAC that every member can make, so the service learns "a member"; commits are also signed by
// the key of a seat.

import { type Environment, type GroupState, applyCommit, encodeWelcome } from "@nodoor/mls"
import {
  type CommitItem,
  type CommitStatement,
  type CreateItem,
  type PostItem,
  type PostingRequest,
  type RejoinItem,
  type RekeyItem,
  type SeatKeys,
  commitSignatureInput,
  createSignatureInput,
  decodePostingRequest,
  encodePostingRequest,
  postFlags,
  postMac,
  rejoinSignatureInput,
  rekeySignatureInput,
} from "@nodoor/wire/delivery"
import type { OwnCommit } from "@nodoor/mls"
import type { OwnSeat } from "../../store/group/seats.ts"
import { deliveryKey } from "../delivery-key.ts"
import { seatKeysOf, seatOf } from "./seat-keys.ts"

/** A request that no stream has numbered yet. */
export type Unnumbered<T extends { readonly ref: number }> = Omit<T, "ref">

/** `ephemeral`: only for seats that are connected. The service does not store it. */
export function macPost(
  env: Environment,
  state: GroupState,
  { body, ephemeral = false }: { readonly body: Uint8Array; readonly ephemeral?: boolean },
): Unnumbered<PostItem> {
  const flags = ephemeral ? postFlags.ephemeral : postFlags.post
  const { groupId } = state
  const epoch = Number(state.epoch)
  return { type: "post", groupId, epoch, flags, mac: macOf(env, state, { flags, body }), body }
}

/** Registers the group, with the creator's seat as its first. */
export function createRequest(env: Environment, state: GroupState, own: Pick<OwnSeat, "seat" | "secret">): Unnumbered<CreateItem> {
  const unsigned = { groupId: state.groupId, deliveryKey: deliveryKey(env, state), ...seatKeysOf(env.crypto, own) }
  return { type: "create", ...unsigned, signature: signAs(env, own.secret, createSignatureInput(unsigned)) }
}

export interface CommitParts {
  readonly own: OwnCommit
  /** The committer's seat with the secret of the key that its leaf has now. */
  readonly seat: Pick<OwnSeat, "seat" | "secret">
  readonly adds: readonly SeatKeys[]
  readonly removes: readonly Uint8Array[]
  /** Those who are added get the whole Welcome with the commit: nobody introduces them. */
  readonly isWelcome?: boolean
}

export function buildCommitRequest(
  env: Environment,
  state: GroupState,
  { own, seat, adds, removes, isWelcome = false }: CommitParts,
): Unnumbered<CommitItem> {
  const { groupId } = state
  const epoch = Number(state.epoch)
  const { sha256 } = env.crypto
  const { message: commit, welcome } = own
  const nextDeliveryKey = deliveryKey(env, applyCommit(env, state, own.staged).state)
  const groupInfo =
    welcome && isWelcome
      ? encodeWelcome(state.suite, { ...welcome, secrets: welcome.secrets.map(({ encrypted }) => encrypted) })
      : welcome?.encryptedGroupInfo
  const statement: CommitStatement = {
    groupId,
    epoch,
    seat: seat.seat,
    commitHash: sha256(commit),
    infoHash: groupInfo && sha256(groupInfo),
    adds,
    removes,
    nextKeyHash: sha256(nextDeliveryKey),
  }
  return {
    type: "commit",
    groupId,
    epoch,
    mac: macOf(env, state, { flags: postFlags.commit, body: commit }),
    seat: seat.seat,
    signature: signAs(env, seat.secret, commitSignatureInput(statement)),
    nextDeliveryKey,
    adds,
    removes,
    commit,
    groupInfo,
  }
}

/** Hands the seat from the secret that the service knows it by to this device's own. */
export function rekeyRequest(
  env: Pick<Environment, "crypto">,
  { groupId, seat, secret, nextSecret, n }: Pick<OwnSeat, "groupId" | "seat" | "secret" | "n"> & { readonly nextSecret: Uint8Array },
): Unnumbered<RekeyItem> {
  const unsigned = { groupId, n: n + 1, ...seatKeysOf(env.crypto, { seat, secret: nextSecret }) }
  return { type: "rekey", ...unsigned, signature: signAs(env, secret, rekeySignatureInput(unsigned)) }
}

/** Asks the others, as the reader of the seat, to be let in again. */
export function rejoinRequest(
  env: Pick<Environment, "crypto">,
  { groupId, seat, secret }: Pick<OwnSeat, "groupId" | "seat" | "secret">,
  { epoch, sealed }: { readonly epoch: number; readonly sealed: Uint8Array },
): Unnumbered<RejoinItem> {
  const message = rejoinSignatureInput({ groupId, seat, epoch, sealedHash: env.crypto.sha256(sealed) })
  return { type: "rejoin", groupId, seat, epoch, signature: signAs(env, secret, message), sealed }
}

/** As stored until the service has it: the same bytes are sent again. */
export function storedRequest(request: Unnumbered<PostItem | CommitItem | CreateItem | RekeyItem | RejoinItem>): Uint8Array {
  return encodePostingRequest([{ ...request, ref: 0 } as PostingRequest])
}

/** What `storedRequest` wrote, with the number that the stream gives it. @throws CodecError */
export function numberedRequest(stored: Uint8Array, ref: number): PostItem | CommitItem | CreateItem | RekeyItem | RejoinItem {
  const [item] = decodePostingRequest(stored)
  switch (item?.type) {
    case "post":
    case "commit":
    case "create":
    case "rekey":
    case "rejoin":
      return { ...item, ref }
    default:
      throw new TypeError("a stored request that is none")
  }
}

function macOf(env: Environment, state: GroupState, { flags, body }: { readonly flags: number; readonly body: Uint8Array }): Uint8Array {
  const { sha256 } = env.crypto
  const { groupId, epoch } = state
  return postMac(sha256, deliveryKey(env, state), { groupId, epoch: Number(epoch), flags, bodyHash: sha256(body) })
}

function signAs({ crypto }: Pick<Environment, "crypto">, secret: Uint8Array, message: Uint8Array): Uint8Array {
  return crypto.signEd25519({ privateKey: seatOf(crypto, secret).privateKey, message })
}
