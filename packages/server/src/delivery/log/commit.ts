// Commits: one compare-and-swap on the epoch, signed by a seat of the group.

import { concat, encodeTls } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import { type CommitDetails, type CommitItem, commitSignatureInput, postFlags, writeCommitDetails } from "@nodoor/wire/delivery"
import { serverCrypto, sha256 } from "../../core/crypto.ts"
import { type CommitChange, placedHashBytes } from "../store/delivery-store.ts"
import { ChangeEntry } from "./entries.ts"
import type { Delivered, Entry, Group, GroupState } from "./group.ts"
import { type LogParts, isBusy } from "./log-parts.ts"
import { MacKey } from "./mac-key.ts"
import { nameOf } from "./places.ts"
import { nextPlace, trim } from "./post.ts"
import { type Poster, busyMs } from "./poster.ts"
import { costOf, owe } from "./rate.ts"

/** Seats that left and have not got everything yet. The first of more go without it. */
const endedSeatsMax = 4_096

class PlacedCommit implements Entry, Delivered {
  readonly kind = "commit"
  readonly group: Group
  readonly change: CommitChange
  readonly #poster: Poster
  readonly #ref: number

  constructor(group: Group, change: CommitChange, poster: Poster, ref: number) {
    this.group = group
    this.change = change
    this.#poster = poster
    this.#ref = ref
  }

  get order(): number {
    return this.change.order
  }
  get hour(): number {
    return this.change.hour
  }
  get body(): Uint8Array {
    return this.change.body
  }
  get sizeBytes(): number {
    return this.body.length + (this.change.groupInfo?.length ?? 0) + 100 * (2 + this.change.adds.length)
  }

  written(): void {
    this.group.durableOrder = this.order
    this.#poster.committed(this.#ref, this.change)
    for (const reader of this.group.readers) reader.offer(this)
  }

  failed(): void {
    this.#poster.refused(this.#ref, "unavailable", { retryAfterMs: busyMs })
  }
}

/** Takes the commit, or says why not. The state is in memory. */
export function acceptCommit(parts: LogParts, group: Group, poster: Poster, item: CommitItem, nowMs: number): void {
  const { ref, epoch, commit, groupInfo } = item
  const { state } = group
  if (state === undefined) return poster.refused(ref, "group_not_found")
  if (epoch > state.epoch) return poster.refused(ref, "epoch_future", { epoch: state.epoch })
  const commitHash = sha256(commit)
  const name = nameOf(commitHash.subarray(0, placedHashBytes))
  const before = state.places.get(name)
  if (before?.fanout !== undefined) return repeated(parts, group, poster, { ref, ...before, fanout: before.fanout })
  if (epoch < state.epoch) return poster.refused(ref, "epoch_stale", { epoch: state.epoch })
  if (commit.length + (groupInfo?.length ?? 0) > limits.commitBundleBytes) return poster.refused(ref, "too_large")
  if (!state.key.fits(postFlags.commit, nameOf(commitHash), item.mac)) return poster.refused(ref, "invalid_mac")
  const waitMs = owe(group, nowMs, parts.rates.group, costOf(commit.length + (groupInfo?.length ?? 0)))
  if (waitMs > 0) return poster.refused(ref, "rate_limited", { retryAfterMs: waitMs })
  if (isBusy(parts)) return poster.refused(ref, "unavailable", { retryAfterMs: busyMs })

  const seat = state.seats.get(nameOf(item.seat))
  if (seat === undefined || seat.endOrder !== Infinity) return poster.refused(ref, "seat_unknown")
  const infoHash = groupInfo && sha256(groupInfo)
  const nextKeyHash = sha256(item.nextDeliveryKey)
  const statement = { groupId: group.id, epoch, seat: item.seat, commitHash, infoHash, adds: item.adds, removes: item.removes, nextKeyHash }
  const message = commitSignatureInput(statement)
  if (!serverCrypto.verifyEd25519({ publicKey: seat.publicKey, message, signature: item.signature }))
    return poster.refused(ref, "invalid_signature")

  const next = seatsAfter(state, item)
  if (next === undefined) return poster.refused(ref, "bad_request")
  if (next.names.length > limits.devicesPerGroup) return poster.refused(ref, "too_many_seats")
  const fanout = sha256(new Uint8Array(Buffer.from(next.names.sort().join(""), "latin1")))
  const details: CommitDetails = { ...statement, signature: item.signature, fanout, commit }
  const change: CommitChange = {
    kind: "commit",
    groupId: group.id,
    ...nextPlace(state, nowMs),
    hash: commitHash,
    fanout,
    epoch: epoch + 1,
    // The item is a part of a frame.
    deliveryKey: concat(item.nextDeliveryKey),
    // Removed members have the old key, so it ends with the commit that removes them.
    previousKey: item.removes.length > 0 ? undefined : state.key.raw,
    adds: next.adds,
    removes: next.removes,
    body: encodeTls((w) => writeCommitDetails(w, details)),
    groupInfo,
  }
  take(parts, group, state, change, name)
  parts.journal.add(new PlacedCommit(group, change, poster, ref))
  trim(parts, group, state)
  dropEnded(parts, group, state)
}

/** The group in memory after the commit. */
function take({ rejoins }: LogParts, group: Group, state: GroupState, change: CommitChange, name: string): void {
  const { order, hour, fanout, epoch } = change
  state.places.addCommit(name, { order, hour, fanout })
  state.waiting.add(order, change.body.length + (change.groupInfo?.length ?? 0))
  state.previousKey = change.previousKey && state.key
  state.key = new MacKey(change.deliveryKey, { groupId: group.id, epoch })
  state.epoch = epoch
  for (const seat of change.removes) {
    const seatName = nameOf(seat)
    const ended = state.seats.get(seatName)
    if (ended !== undefined) ended.endOrder = order
    rejoins.delete(group.name, seatName)
    for (const reader of group.readersAt(seatName)) reader.endOrder = order
  }
  state.activeSeats -= change.removes.length
  for (const { seat, publicKey, readHash } of change.adds)
    state.addSeat({ id: seat, publicKey, readHash, rekeyed: 0, fromOrder: order, endOrder: Infinity, acked: 0 })
}

interface SeatsAfter {
  /** All that are in the group afterwards. */
  readonly names: string[]
  readonly adds: CommitChange["adds"]
  readonly removes: readonly Uint8Array[]
}

/**
 * Seats that are there already are not added again, and keep their keys; those that are gone are not removed again: nobody can keep an
 * addition or a removal out by changing the group before. Undefined if the lists contradict each other.
 */
function seatsAfter(state: GroupState, { adds, removes }: CommitItem): SeatsAfter | undefined {
  const named = new Set([...adds.map(({ seat }) => nameOf(seat)), ...removes.map(nameOf)])
  if (named.size < adds.length + removes.length) return undefined
  const names = new Set<string>()
  for (const [name, { endOrder }] of state.seats) if (endOrder === Infinity) names.add(name)
  const leaving = removes.filter((seat) => names.delete(nameOf(seat)))
  const coming: { seat: Uint8Array; publicKey: Uint8Array; readHash: Uint8Array }[] = []
  for (const { seat, publicKey, readHash } of adds) {
    const name = nameOf(seat)
    if (names.has(name)) continue
    // It left before: its last records would be lost.
    if (state.seats.has(name)) return undefined
    names.add(name)
    coming.push({ seat: concat(seat), publicKey: concat(publicKey), readHash: concat(readHash) })
  }
  return { names: [...names], adds: coming, removes: leaving.map((seat) => concat(seat)) }
}

/** Keeps the number of seats bounded that left and never read again. */
function dropEnded(parts: LogParts, group: Group, state: GroupState): void {
  let excess = state.seats.size - state.activeSeats - endedSeatsMax
  if (excess <= 0) return
  const ended = [...state.seats].filter(([, seat]) => seat.endOrder !== Infinity).sort(([, a], [, b]) => a.endOrder - b.endOrder)
  for (const [name, seat] of ended) {
    if (excess-- <= 0) return
    state.seats.delete(name)
    parts.journal.add(new ChangeEntry(group, { kind: "seatGone", groupId: group.id, seat: seat.id }, () => {}))
  }
}

function repeated(
  parts: LogParts,
  group: Group,
  poster: Poster,
  { ref, ...place }: { readonly ref: number; readonly order: number; readonly hour: number; readonly fanout: Uint8Array },
): void {
  if (place.order <= group.durableOrder) return poster.committed(ref, place)
  const settle = (isWritten: boolean): void =>
    isWritten ? poster.committed(ref, place) : poster.refused(ref, "unavailable", { retryAfterMs: busyMs })
  parts.journal.add(new ChangeEntry(group, undefined, settle))
}
