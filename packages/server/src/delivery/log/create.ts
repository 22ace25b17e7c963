// New groups, and new keys of seats.

import { concat, equal } from "@nodoor/bytes"
import { type CreateItem, type RekeyItem, createSignatureInput, rekeySignatureInput } from "@nodoor/wire/delivery"
import { serverCrypto, sha256 } from "../../core/crypto.ts"
import type { Change } from "../store/delivery-store.ts"
import { ChangeEntry } from "./entries.ts"
import { type Group, GroupState } from "./group.ts"
import { type LogParts, hourOf, isBusy } from "./log-parts.ts"
import { nameOf } from "./places.ts"
import { type Poster, busyMs } from "./poster.ts"
import { owe } from "./rate.ts"

const nothing = new Uint8Array()

export function acceptCreate(parts: LogParts, group: Group, poster: Poster, item: CreateItem, nowMs: number): void {
  const { ref } = item
  const message = createSignatureInput(item)
  const createHash = sha256(message)
  const { state: before } = group
  if (before !== undefined) {
    if (!equal(before.createHash, createHash)) return poster.refused(ref, "group_exists")
    return later(parts, group, poster, ref, undefined)
  }
  if (!serverCrypto.verifyEd25519({ publicKey: item.publicKey, message, signature: item.signature }))
    return poster.refused(ref, "invalid_signature")
  if (isBusy(parts)) return poster.refused(ref, "unavailable", { retryAfterMs: busyMs })
  // The item is a part of a frame.
  const [deliveryKey, seat, publicKey, readHash] = [item.deliveryKey, item.seat, item.publicKey, item.readHash].map((bytes) =>
    concat(bytes),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const hour = hourOf(nowMs)
  const creator = { seat, publicKey, readHash, rekeyed: 0, fromOrder: 0, endOrder: undefined }
  parts.groups.settle(
    group,
    new GroupState(group.id, {
      epoch: 0,
      deliveryKey,
      previousKey: undefined,
      lastOrder: 0,
      lastHour: hour,
      createHash,
      seats: [creator],
      placed: { posts: nothing, commits: [] },
      waiting: new Float64Array(),
    }),
  )
  later(parts, group, poster, ref, { kind: "create", groupId: group.id, deliveryKey, createHash, hour, seat, publicKey, readHash })
}

/** Hands a seat to a new key. Whoever read there with the old secret is told, also the one who asks. */
export function acceptRekey(parts: LogParts, group: Group, poster: Poster, item: RekeyItem, nowMs: number): void {
  const { ref, n } = item
  const { state } = group
  if (state === undefined) return poster.refused(ref, "group_not_found")
  const waitMs = owe(group, nowMs, parts.rates.group, 1)
  if (waitMs > 0) return poster.refused(ref, "rate_limited", { retryAfterMs: waitMs })
  const seatName = nameOf(item.seat)
  const seat = state.seats.get(seatName)
  if (seat === undefined || seat.endOrder !== Infinity) return poster.refused(ref, "seat_unknown")
  if (n === seat.rekeyed && equal(seat.publicKey, item.publicKey) && equal(seat.readHash, item.readHash))
    return later(parts, group, poster, ref, undefined)
  const message = rekeySignatureInput(item)
  if (!serverCrypto.verifyEd25519({ publicKey: seat.publicKey, message, signature: item.signature }))
    return poster.refused(ref, "invalid_signature")
  if (n <= seat.rekeyed) return poster.refused(ref, "rekey_stale")
  if (isBusy(parts)) return poster.refused(ref, "unavailable", { retryAfterMs: busyMs })
  // A device that drew the seat for itself, to be let in again, has its own key there from the beginning.
  const isSame = equal(seat.publicKey, item.publicKey) && equal(seat.readHash, item.readHash)
  seat.publicKey = concat(item.publicKey)
  seat.readHash = concat(item.readHash)
  seat.rekeyed = n
  if (!isSame) for (const reader of group.readersAt(seatName)) reader.ended("seat_rekeyed")
  const { publicKey, readHash } = seat
  later(parts, group, poster, ref, { kind: "rekey", groupId: group.id, seat: seat.id, publicKey, readHash, rekeyed: n })
}

/** Answers once the change is on disk, and everything before it. */
export function later(parts: LogParts, group: Group, poster: Poster, ref: number, change: Change | undefined): void {
  if (change === undefined && group.isIdle) return poster.done(ref)
  const settle = (isWritten: boolean): void => (isWritten ? poster.done(ref) : poster.refused(ref, "unavailable", { retryAfterMs: busyMs }))
  parts.journal.add(new ChangeEntry(group, change, settle))
}
