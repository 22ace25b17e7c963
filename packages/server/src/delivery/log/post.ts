// Posts: what most frames are full of, so nothing is made here that can be left out.

import { hash } from "node:crypto"
import type { PostItem } from "@nodoor/wire/delivery"
import { postFlags } from "@nodoor/wire/delivery"
import { type PostChange, placedHashBytes } from "../store/delivery-store.ts"
import { ChangeEntry } from "./entries.ts"
import type { Delivered, Entry, Group, GroupState } from "./group.ts"
import { type LogParts, hourOf, isBusy } from "./log-parts.ts"
import { type Poster, busyMs } from "./poster.ts"
import { costOf, owe } from "./rate.ts"

export type NewPost = Pick<PostItem, "ref" | "epoch" | "flags" | "mac" | "body">

/** A post that was accepted: what is written of it, and who waits for that. */
class PlacedPost implements Entry, PostChange, Delivered {
  readonly kind = "post"
  readonly group: Group
  readonly order: number
  readonly hour: number
  readonly body: Uint8Array
  readonly #name: string
  readonly #poster: Poster
  readonly #ref: number

  /** `name`: half of the body's hash, in `latin1`. */
  constructor(
    group: Group,
    { order, hour }: { readonly order: number; readonly hour: number },
    { name, post, poster }: { readonly name: string; readonly post: NewPost; readonly poster: Poster },
  ) {
    this.group = group
    this.order = order
    this.hour = hour
    this.body = post.body
    this.#name = name
    this.#poster = poster
    this.#ref = post.ref
  }

  get change(): PostChange {
    return this
  }
  get hash(): Uint8Array {
    return Buffer.from(this.#name, "latin1")
  }
  get groupId(): Uint8Array {
    return this.group.id
  }
  get sizeBytes(): number {
    return this.body.length + 100
  }

  written(): void {
    const { group, order } = this
    group.durableOrder = order
    this.#poster.placed(this.#ref, order, this.hour)
    const { readers } = group
    for (let at = 0; at < readers.length; at++) readers[at]?.offer(this)
  }

  failed(): void {
    this.#poster.refused(this.#ref, "unavailable", { retryAfterMs: busyMs })
  }
}

/** Places the post, or says why not. The state is in memory. */
export function acceptPost(parts: LogParts, group: Group, poster: Poster, post: NewPost, nowMs: number): void {
  const { ref, epoch, flags, body } = post
  const { state } = group
  // Nobody reads a log without seats, and nobody could change that.
  if (state === undefined || state.activeSeats === 0) return poster.refused(ref, "group_not_found")
  if (epoch > state.epoch) return poster.refused(ref, "epoch_future", { epoch: state.epoch })
  const bodyHash = hash("sha256", body, "latin1")
  const key = epoch === state.epoch ? state.key : epoch === state.epoch - 1 ? state.previousKey : undefined
  const name = bodyHash.slice(0, placedHashBytes)
  const before = state.places.get(name)
  if (key === undefined) {
    // Its answer may have been lost before the epoch ended. Whoever has the bytes learns nothing new from it.
    if (before !== undefined) return repeated(parts, group, poster, { ref, ...before })
    return poster.refused(ref, "epoch_stale", { epoch: state.epoch })
  }
  if (!key.fits(flags, bodyHash, post.mac)) return poster.refused(ref, "invalid_mac")
  const waitMs = owe(group, nowMs, parts.rates.group, costOf(body.length))
  if (waitMs > 0) return poster.refused(ref, "rate_limited", { retryAfterMs: waitMs })
  if (flags === postFlags.ephemeral) {
    for (const reader of group.readers) reader.ephemeral(body)
    return poster.placed(ref, 0, hourOf(nowMs))
  }
  if (before !== undefined) return repeated(parts, group, poster, { ref, ...before })
  if (body.length > parts.groupMaxBytes) return poster.refused(ref, "log_full")
  if (isBusy(parts)) return poster.refused(ref, "unavailable", { retryAfterMs: busyMs })
  const place = nextPlace(state, nowMs)
  state.places.addPost(name, place.order, place.hour)
  state.waiting.add(place.order, body.length)
  parts.journal.add(new PlacedPost(group, place, { name, post, poster }))
  if (state.waiting.bytes > parts.groupMaxBytes) trim(parts, group, state)
}

/** The same answer as the first time, when that is on disk. */
function repeated(
  parts: LogParts,
  group: Group,
  poster: Poster,
  { ref, order, hour }: { readonly ref: number; readonly order: number; readonly hour: number },
): void {
  if (order <= group.durableOrder) return poster.placed(ref, order, hour)
  const settle = (isWritten: boolean): void =>
    isWritten ? poster.placed(ref, order, hour) : poster.refused(ref, "unavailable", { retryAfterMs: busyMs })
  parts.journal.add(new ChangeEntry(group, undefined, settle))
}

/** Orders have no gaps, and hours never go back even if the clock does. */
export function nextPlace(state: GroupState, nowMs: number): { readonly order: number; readonly hour: number } {
  state.lastOrder++
  state.lastHour = Math.max(state.lastHour, hourOf(nowMs))
  return { order: state.lastOrder, hour: state.lastHour }
}

/** The oldest bodies go when the log holds too much. Readers who did not get them are told of the gap. */
export function trim(parts: LogParts, group: Group, state: GroupState): void {
  const excess = state.waiting.excess(parts.groupMaxBytes)
  if (excess === undefined) return
  // The newest stays in any case: a commit is never refused for its size.
  const range = { from: excess.from, through: Math.min(excess.through, state.lastOrder - 1) }
  if (range.through < range.from || !state.waiting.erase(range)) return
  parts.journal.add(new ChangeEntry(group, { kind: "erase", groupId: group.id, ...range }, () => {}))
}
