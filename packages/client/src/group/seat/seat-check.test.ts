import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import type { Extension, KeyPackageRef, Member } from "@nodoor/mls"
import type { Seat } from "../../store/group/seats.ts"
import { type SeatsAfter, judgeSeats, seatsOfJoin } from "./seat-check.ts"
import { type AddedSeat, encodeAddedSeats, groupSeatsExtension, leafSeatExtension, seatsType } from "./seat-list.ts"

const fill = (size: number, n: number): Uint8Array => new Uint8Array(size).fill(n)
const seatAt = (leafIndex: number, own = true): Seat => ({
  leafIndex,
  seat: fill(16, leafIndex + 1),
  publicKey: fill(32, leafIndex + 1),
  own,
})
const member = (leafIndex: number): Member => ({ leafIndex, identity: fill(4, leafIndex), signatureKey: fill(32, leafIndex) })
const ref = (n: number): KeyPackageRef => bytes<"KeyPackageRef">(fill(32, n))
const entry = (n: number, seat = n + 1): AddedSeat => ({ ref: ref(n), seat: fill(16, seat), publicKey: fill(32, 90 + n) })
/** Alice made the group; bob's seat still has the key that she made. */
const before = [seatAt(0), seatAt(1, false)]

interface Commit {
  readonly committer?: number
  readonly adds?: readonly number[]
  /** What stands in the proposals; one that fits the adds if left out. */
  readonly proposals?: readonly { readonly type: number; readonly data: Uint8Array }[]
  readonly removed?: readonly number[]
  readonly paths?: Readonly<Record<number, readonly Extension[]>>
  readonly addedExtensions?: readonly Extension[]
}

function judged({ committer = 0, adds = [], proposals, removed = [], paths = {}, addedExtensions = [] }: Commit): SeatsAfter {
  const updated = Object.keys(paths).map(Number)
  return judgeSeats(before, {
    committer,
    added: adds.map(member),
    addedRefs: adds.map(ref),
    removed: removed.map(member),
    updated: updated.map((leaf) => ({ before: member(leaf), after: member(leaf) })),
    freshLeaves: [
      ...adds.map((leafIndex) => ({ leafIndex, extensions: addedExtensions })),
      ...updated.map((leafIndex) => ({ leafIndex, extensions: paths[leafIndex] ?? [] })),
    ],
    privateUse: proposals ?? (adds.length === 0 ? [] : [seatsOf(adds.map((n) => entry(n)))]),
  })
}
const seatsOf = (added: readonly AddedSeat[], type = seatsType): { type: number; data: Uint8Array } => ({
  type,
  data: encodeAddedSeats(added),
})
const rule = (commit: Commit): string => {
  const after = judged(commit)
  return after.status === "broken" ? after.rule : "allowed"
}
const own = (leaf: number, key = 50 + leaf): Extension => leafSeatExtension({ seat: fill(16, leaf + 1), publicKey: fill(32, key) })

test("A commit that adds gives each leaf a seat with its adder's key; one that removes takes it away", () => {
  assert.deepEqual(judged({ adds: [2, 3], removed: [1] }), {
    status: "allowed",
    seats: [
      seatAt(0),
      { leafIndex: 2, seat: fill(16, 3), publicKey: fill(32, 92), own: false },
      { leafIndex: 3, seat: fill(16, 4), publicKey: fill(32, 93), own: false },
    ],
  })
})

test("S1: adds without seats, too few or too many, in another order, twice or of another type, and seats without adds, are refused", () => {
  assert.equal(rule({ adds: [2], proposals: [] }), "S1")
  assert.equal(rule({ adds: [2, 3], proposals: [seatsOf([entry(2)])] }), "S1")
  assert.equal(rule({ adds: [2], proposals: [seatsOf([entry(2), entry(3)])] }), "S1")
  assert.equal(rule({ adds: [2, 3], proposals: [seatsOf([entry(3), entry(2)])] }), "S1")
  assert.equal(rule({ adds: [2], proposals: [seatsOf([entry(2)]), seatsOf([])] }), "S1")
  assert.equal(rule({ adds: [2], proposals: [seatsOf([entry(2)], 0xf0d3)] }), "S1")
  assert.equal(rule({ proposals: [seatsOf([])] }), "S1")
  assert.equal(rule({ proposals: [seatsOf([entry(2)])] }), "S1")
  assert.equal(rule({ adds: [2], proposals: [{ type: seatsType, data: fill(40, 1) }] }), "S1")
})

test("S2: a seat that stands in the group already, also one that is freed by the same commit, or stands in it twice, is refused", () => {
  assert.equal(rule({ adds: [2], proposals: [seatsOf([entry(2, 1)])] }), "S2")
  assert.equal(rule({ adds: [2], removed: [1], proposals: [seatsOf([entry(2, 2)])] }), "S2")
  assert.equal(rule({ adds: [2, 3], proposals: [seatsOf([entry(2, 9), entry(3, 9)])] }), "S2")
})

test("S3: a leaf that names another seat, stops naming its own, or names one when it is added, is refused", () => {
  assert.equal(rule({ paths: { 0: [own(1)] } }), "S3")
  assert.equal(rule({ paths: { 0: [] } }), "S3")
  assert.equal(rule({ adds: [2], addedExtensions: [own(2)] }), "S3")
  assert.equal(rule({ committer: 0, paths: { 0: [own(0)], 1: [own(0)] } }), "S3")
})

test("S4: a first path without a key of its own is refused; with one, the seat is its device's", () => {
  assert.equal(rule({ committer: 1, paths: { 1: [] } }), "S4")
  assert.deepEqual(judged({ committer: 1, paths: { 1: [own(1)] } }), {
    status: "allowed",
    seats: [seatAt(0), { leafIndex: 1, seat: fill(16, 2), publicKey: fill(32, 51), own: true }],
  })
})

const joining = (seats: readonly Seat[], leaves: readonly (readonly Extension[])[]): readonly Seat[] | undefined =>
  seatsOfJoin({
    groupInfoExtensions: [groupSeatsExtension(seats)],
    leaves: leaves.map((extensions, leafIndex) => ({ leafIndex, extensions })),
  })

test("A joiner refuses a list of seats that lacks a leaf, has one too many or a seat twice, or says something else than a leaf itself", () => {
  const named = leafSeatExtension(seatAt(0))
  assert.deepEqual(joining([seatAt(0), seatAt(1, false)], [[named], []]), [seatAt(0), seatAt(1, false)])
  assert.equal(joining([seatAt(0)], [[named], []]), undefined)
  assert.equal(joining([seatAt(0), seatAt(1, false), seatAt(2, false)], [[named], []]), undefined)
  assert.equal(joining([seatAt(0), { ...seatAt(1, false), seat: fill(16, 1) }], [[named], []]), undefined)
  assert.equal(joining([{ ...seatAt(0), publicKey: fill(32, 7) }, seatAt(1, false)], [[named], []]), undefined)
  assert.equal(joining([seatAt(0), seatAt(1, true)], [[named], []]), undefined)
  assert.equal(joining([seatAt(0, false), seatAt(1, false)], [[named], []]), undefined)
  assert.throws(() => seatsOfJoin({ groupInfoExtensions: [], leaves: [] }))
})
