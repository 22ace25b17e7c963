// Requests to be let in again: what the reader of a seat asks of the other members when it cannot go on. The server sees who asks, as a seat; the rest
// is sealed. It has no place in the order, and it goes when a commit ends the seat.

import { concat, equal } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import { type RejoinItem, rejoinSignatureInput } from "@nodoor/wire/delivery"
import { serverCrypto, sha256 } from "../../core/crypto.ts"
import { later } from "./create.ts"
import { ChangeEntry } from "./entries.ts"
import type { Group } from "./group.ts"
import type { LogParts } from "./log-parts.ts"
import { nameOf } from "./places.ts"
import { type Poster, busyMs } from "./poster.ts"
import { owe } from "./rate.ts"
import type { AskedRejoin } from "./rejoins.ts"

export function acceptRejoin(parts: LogParts, group: Group, poster: Poster, item: RejoinItem, nowMs: number): void {
  const { ref, epoch, sealed } = item
  const { rejoins } = parts
  const { state } = group
  if (state === undefined) return poster.refused(ref, "group_not_found")
  if (epoch > state.epoch) return poster.refused(ref, "epoch_future", { epoch: state.epoch })
  const groupWaitMs = owe(group, nowMs, parts.rates.group, 1)
  if (groupWaitMs > 0) return poster.refused(ref, "rate_limited", { retryAfterMs: groupWaitMs })
  const seatName = nameOf(item.seat)
  const seat = state.seats.get(seatName)
  if (seat === undefined || seat.endOrder !== Infinity) return poster.refused(ref, "seat_unknown")
  const message = rejoinSignatureInput({ groupId: group.id, seat: item.seat, epoch, sealedHash: sha256(sealed) })
  if (!serverCrypto.verifyEd25519({ publicKey: seat.publicKey, message, signature: item.signature }))
    return poster.refused(ref, "invalid_signature")
  const before = rejoins.find(group.name, seatName)
  if (before !== undefined && before.epoch === epoch && equal(before.sealed, sealed)) return later(parts, group, poster, ref, undefined)
  const waitMs = (before?.atMs ?? -Infinity) + limits.rejoinMs - nowMs
  // A clock that was set back holds nobody up.
  if (waitMs > 0 && waitMs <= limits.rejoinMs) return poster.refused(ref, "rate_limited", { retryAfterMs: waitMs })
  if (before === undefined && rejoins.isFull(group.name)) return poster.refused(ref, "rate_limited", { retryAfterMs: limits.rejoinMs })
  // The item is a part of a frame.
  const asked: AskedRejoin = { seat: seat.id, epoch, sealed: concat(sealed), atMs: nowMs }
  rejoins.add(group.name, asked)
  /** The seat may be new, and is shown to nobody before it is on disk. */
  const settle = (isWritten: boolean): void => {
    if (!isWritten) {
      rejoins.delete(group.name, seatName)
      return poster.refused(ref, "unavailable", { retryAfterMs: busyMs })
    }
    poster.done(ref)
    for (const reader of group.readers) reader.rejoin(asked)
  }
  if (group.isIdle) return settle(true)
  parts.journal.add(new ChangeEntry(group, undefined, settle))
}
