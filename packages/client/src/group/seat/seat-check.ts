// Which seats a group has after a commit, and which commits break the rules of seats. Every member checks every commit, its own included; the
// same inputs give every honest member the same verdict. The numbers are those of docs/protocol.md, "Seats".

import { CodecError, equal, toHex } from "@nodoor/bytes"
import type { Extension, StagedCommit, StagedJoin } from "@nodoor/mls"
import type { Seat } from "../../store/group/seats.ts"
import { type AddedSeat, decodeAddedSeats, groupSeatsOf, leafSeatOf, readmissionsType, seatsType } from "./seat-list.ts"

export const seatRules = {
  S1: "a commit that adds gives every added leaf one seat, in one proposal; no other commit has such a proposal, and none has another but that of P18",
  S2: "a seat stands in a group once",
  S3: "a leaf names its own seat only, and goes on naming it",
  S4: "the first path of a device brings a key of its own for its seat",
} as const
export type SeatRule = keyof typeof seatRules

export type SeatsAfter =
  | { readonly status: "allowed"; readonly seats: readonly Seat[] }
  | { readonly status: "broken"; readonly rule: SeatRule }

type CommitOfSeats = Pick<StagedCommit, "committer" | "added" | "addedRefs" | "removed" | "updated" | "freshLeaves" | "privateUse">

/** The seats after a commit. @throws CodecError for bytes that are no list of seats */
export function seatsAfterCommit(before: readonly Seat[], staged: CommitOfSeats): SeatsAfter {
  const added = addedSeats(staged)
  if (added === undefined) return { status: "broken", rule: "S1" }
  const taken = new Set(before.map(({ seat }) => toHex(seat)))
  for (const { seat } of added) {
    if (taken.has(toHex(seat))) return { status: "broken", rule: "S2" }
    taken.add(toHex(seat))
  }
  const gone = new Set(staged.removed.map(({ leafIndex }) => leafIndex))
  const seats = new Map(before.filter(({ leafIndex }) => !gone.has(leafIndex)).map((seat) => [seat.leafIndex, seat]))
  const extensions = new Map(staged.freshLeaves.map((leaf) => [leaf.leafIndex, leaf.extensions]))
  for (const [i, { seat, publicKey }] of added.entries()) {
    const leafIndex = staged.added[i]?.leafIndex ?? -1
    // A device cannot know its seat before it has one.
    if (leafSeatOf(extensions.get(leafIndex) ?? []) !== undefined) return { status: "broken", rule: "S3" }
    seats.set(leafIndex, { leafIndex, seat, publicKey, own: false })
  }
  for (const { after } of staged.updated) {
    const seat = seats.get(after.leafIndex)
    const changed = seat && withLeafKey(seat, extensions.get(after.leafIndex) ?? [])
    if (!changed) return { status: "broken", rule: "S3" }
    if (after.leafIndex === staged.committer && !changed.own) return { status: "broken", rule: "S4" }
    seats.set(after.leafIndex, changed)
  }
  return { status: "allowed", seats: [...seats.values()].toSorted((a, b) => a.leafIndex - b.leafIndex) }
}

/** The seats that a GroupInfo lists, or undefined when they are not those of its tree. @throws CodecError */
export function seatsOfJoin(staged: Pick<StagedJoin, "groupInfoExtensions" | "leaves">): readonly Seat[] | undefined {
  const seats = groupSeatsOf(staged.groupInfoExtensions)
  const { leaves } = staged
  const fits =
    seats.length === leaves.length &&
    new Set(seats.map(({ seat }) => toHex(seat))).size === seats.length &&
    seats.every((seat, i) => {
      const leaf = leaves[i]
      const named = leaf && leafSeatOf(leaf.extensions)
      if (leaf?.leafIndex !== seat.leafIndex || seat.own !== (named !== undefined)) return false
      return named === undefined || (equal(named.seat, seat.seat) && equal(named.publicKey, seat.publicKey))
    })
  return fits ? seats : undefined
}

/** The seats of the Adds in their order; undefined when the commit does not give each exactly one. */
function addedSeats({ added, addedRefs, privateUse }: CommitOfSeats): readonly AddedSeat[] | undefined {
  if (added.length === 0) return privateUse.length === 0 ? [] : undefined
  const others = privateUse.filter(({ type }) => type !== readmissionsType)
  const [proposal] = others
  if (others.length !== 1 || proposal?.type !== seatsType) return undefined
  const seats = decodeAddedSeats(proposal.data)
  const fits = seats.length === addedRefs.length && addedRefs.length === added.length
  return fits && seats.every(({ ref }, i) => equal(ref, addedRefs[i] ?? new Uint8Array())) ? seats : undefined
}

/** The seat with the key that its leaf names now. Undefined: the leaf names another seat, or has stopped naming its own. */
function withLeafKey(seat: Seat, extensions: readonly Extension[]): Seat | undefined {
  const named = leafSeatOf(extensions)
  if (named === undefined) return seat.own ? undefined : seat
  return equal(named.seat, seat.seat) ? { ...seat, publicKey: named.publicKey, own: true } : undefined
}

/** As `seatsAfterCommit`; what is no list of seats breaks S1. */
export function judgeSeats(before: readonly Seat[], staged: CommitOfSeats): SeatsAfter {
  try {
    return seatsAfterCommit(before, staged)
  } catch (error) {
    if (error instanceof CodecError) return { status: "broken", rule: "S1" }
    throw error
  }
}
