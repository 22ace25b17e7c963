import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, bytes, equal, toUtf8 } from "@nodoor/bytes"
import { protect } from "@nodoor/mls"
import { seatKeysOf } from "../seat/seat-keys.ts"
import {
  accountOf,
  advance,
  applied,
  deviceOf,
  env,
  groupId,
  made,
  newSeat,
  newcomer,
  seatedGroup,
  signedBySeat,
} from "../fixtures/seated-group.ts"
import type { SeatedMember } from "../fixtures/seated-group.ts"
import { accusedOf, formatCommitEvidence, parseCommitEvidence, verifyCommitEvidence } from "./commit-evidence.ts"
import { openCommit } from "./commit-fault.ts"
import type { CommitDetails } from "@nodoor/wire/delivery"

const { crypto } = env
const keysOf = (seat: SeatedMember["seat"]): ReturnType<typeof seatKeysOf> => seatKeysOf(crypto, seat)
const found = (member: SeatedMember, details: CommitDetails): string => {
  const opened = openCommit(env, member, details)
  return "code" in opened ? `${opened.status} ${opened.code}` : opened.status
}
/** What every one of them finds. */
const foundByAll = (members: readonly SeatedMember[], details: CommitDetails): string =>
  [...new Set(members.map((member) => found(member, details)))].join(", ")

/** Alice, bob and carol, who have all brought keys of their own for their seats. */
function settled(): readonly [SeatedMember, SeatedMember, SeatedMember] {
  const members = seatedGroup(3) as unknown as readonly [SeatedMember, SeatedMember, SeatedMember]
  for (const member of members.slice(1)) {
    const { secret: nextSecret } = newSeat()
    const taking = made(member, {}, { nextSecret })
    for (const other of members) {
      if (other === member) continue
      const opened = openCommit(env, other, taking.details)
      assert.equal(opened.status, "opened")
      advance(other, opened.processed.staged, member.n)
    }
    applied(member, taking, { nextSecret })
  }
  return members
}

test("An honest commit opens for everybody, with the seats of the next epoch", () => {
  const [alice, bob, carol] = settled()
  const dave = newcomer(4)
  const { details } = made(bob, { adds: [dave] })
  for (const member of [alice, carol]) {
    const opened = openCommit(env, member, details)
    assert.equal(opened.status, "opened")
    assert.deepEqual(
      opened.seats.map(({ leafIndex, own }) => [leafIndex, own]),
      [
        [0, true],
        [1, true],
        [2, true],
        [3, false],
      ],
    )
  }
  // Whether an account still lists a device is for the key log, and no ground here (P9).
  assert.equal(found(alice, made(bob, { proposals: [{ type: "remove", leafIndex: 2 }] }).details), "opened")
})

test("A wrecking commit is a ground against the seat that signed it, the same for every member", () => {
  const [alice, bob, carol] = settled()
  const others = [alice, carol]
  const dave = newcomer(4)
  const strange = [keysOf(newSeat())]
  const cases: readonly (readonly [string, CommitDetails])[] = [
    ["ground unsupported_version", made(bob, {}, { message: toUtf8("garbage") }).details],
    ["ground decryption_failed", made(bob, {}, { message: flipped(made(bob, {}).request.commit, -3) }).details],
    [
      "ground not_a_commit",
      made(bob, {}, { message: protect(env, bob.state, { plaintext: toUtf8("hi"), signer: bob.signer }).message }).details,
    ],
    ["ground adds", made(bob, { adds: [dave] }, { adds: strange }).details],
    ["ground adds", made(bob, { adds: [dave] }, { adds: [] }).details],
    ["ground adds", made(bob, {}, { adds: strange }).details],
    ["ground removes", made(bob, {}, { removes: [carol.seat.seat] }).details],
    ["ground removes", made(bob, { proposals: [{ type: "remove", leafIndex: 2 }] }, { removes: [] }).details],
    ["ground next_key", made(bob, {}, { nextKeyHash: new Uint8Array(32) }).details],
    ["ground S1", made(bob, { adds: [dave] }, { proposed: [] }).details],
    ["ground S2", made(bob, { adds: [dave] }, { proposed: [keysOf(alice.seat)] }).details],
    [
      "ground P3",
      made(bob, { proposals: [{ type: "reinit", groupId: bytes<"GroupId">(new Uint8Array(32)), suite: 0x004f, extensions: [] }] }).details,
    ],
    ["ground malformed", made(bob, { proposals: [{ type: "group_context_extensions", extensions: [] }] }).details],
    ["ground psk_unknown", withPsk(bob)],
  ]
  for (const [code, details] of cases) {
    assert.equal(foundByAll(code === "ground removes" ? [alice] : others, details), code)
  }
})

/** A pre-shared key that the committer alone holds. */
function withPsk(from: SeatedMember): CommitDetails {
  return made(from, { proposals: [{ type: "psk", pskId: { type: "external", id: toUtf8("key") } }] }, { psks: () => new Uint8Array(32) })
    .details
}

function flipped(message: Uint8Array, at: number): Uint8Array {
  const index = message.length + at
  return message.with(index, (message[index] ?? 0) ^ 1)
}

test("A commit that another seat signed accuses that seat, and not the member whose leaf made it", () => {
  const [alice, bob, carol] = settled()
  const { details } = made(bob, {}, { signedBy: carol.seat })
  const signed = signedBySeat({ ...details, seat: carol.seat.seat }, carol.seat)
  assert.equal(found(alice, signed), "ground other_seat")
  assert.deepEqual(accusedOf(alice, signed.seat)?.accountId, accountOf(3))
})

test("Nothing that the server changes of a commit accuses anybody", () => {
  const [alice, bob, carol] = settled()
  const dave = newcomer(4)
  const { details } = made(bob, { adds: [dave], proposals: [{ type: "remove", leafIndex: 2 }] })
  const other = new Uint8Array(32).fill(9)
  const changes: readonly Partial<CommitDetails>[] = [
    { adds: [] },
    { adds: [keysOf(newSeat())] },
    { removes: [] },
    { removes: [alice.seat.seat] },
    { nextKeyHash: other },
    { infoHash: other },
    { infoHash: undefined },
    { commit: flipped(details.commit, -3) },
    { commit: toUtf8("garbage") },
    { signature: new Uint8Array(64) },
    { seat: carol.seat.seat },
    { seat: new Uint8Array(16) },
  ]
  for (const change of changes) assert.equal(found(alice, { ...details, ...change }), "unsigned", JSON.stringify(Object.keys(change)))
  assert.equal(found(alice, { ...details, epoch: details.epoch + 1 }), "alone wrong_epoch")
  // The fan-out is the server's own: a wrong one is told of the server, and stops nothing.
  assert.equal(found(alice, { ...details, fanout: other }), "opened")
})

test("A secret that is wrong for one receiver, or a confirmation that does not follow, accuses nobody", () => {
  const [alice, bob, carol] = settled()
  // Bob's path for an epoch that carol's leaf has left: to carol's state it does not open.
  const renewed = made(carol, {})
  const opened = openCommit(env, alice, renewed.details)
  assert.equal(opened.status, "opened")
  const behind = { ...carol, state: carol.state }
  const { details } = made(bob, {})
  const lost = { ...behind, state: withoutKeys(behind.state) }
  assert.ok(["alone path_decryption", "alone confirmation_tag", "alone path_key"].includes(found(lost, details)), found(lost, details))
  assert.equal(found(alice, details), "opened")
})

/** A member whose private keys of the tree are not those that the others encrypt to. */
function withoutKeys(state: SeatedMember["state"]): SeatedMember["state"] {
  const inner = state as unknown as { readonly privateKeys: ReadonlyMap<number, Uint8Array> }
  const privateKeys = new Map([...inner.privateKeys].map(([node, key]) => [node, key.map((byte) => byte ^ 0x40)]))
  return { ...state, privateKeys } as unknown as SeatedMember["state"]
}

test("While a seat has the key that its adder made, the accusation names both", () => {
  const members = seatedGroup(3)
  const [alice, bob, carol] = members as unknown as readonly [SeatedMember, SeatedMember, SeatedMember]
  // The adder knows the secret of bob's seat, and signs there.
  const { details } = made(alice, {}, { message: toUtf8("garbage") })
  const stolen = signedBySeat({ ...details, seat: bob.seat.seat }, bob.seat)
  assert.equal(found(carol, stolen), "ground unsupported_version")
  assert.deepEqual(accusedOf(carol, stolen.seat), {
    accountId: accountOf(2),
    deviceId: deviceOf(2),
    own: false,
    adder: { accountId: accountOf(1), deviceId: deviceOf(1) },
  })
  const [, settledBob] = settled()
  assert.equal(accusedOf(settledBob, settledBob.seat.seat)?.own, true)
  assert.equal(accusedOf(settledBob, settledBob.seat.seat)?.adder, undefined)
})

test("Evidence convinces another member who stands at the same epoch; forged, changed or of another group it proves nothing", () => {
  const [alice, bob, carol] = settled()
  const { details } = made(bob, {}, { removes: [carol.seat.seat] })
  const file = formatCommitEvidence({ groupId, code: "removes", details })
  assert.deepEqual(verifyCommitEvidence(env, alice, file), {
    status: "proven",
    code: "removes",
    accused: { accountId: accountOf(2), deviceId: deviceOf(2), own: true, adder: undefined },
  })
  const unproven = { status: "unproven" }
  const verify = (changed: Partial<CommitDetails>, other = groupId): unknown =>
    verifyCommitEvidence(env, alice, formatCommitEvidence({ groupId: other, code: "removes", details: { ...details, ...changed } }))
  // An honest commit, whatever the file calls it.
  assert.deepEqual(verify(made(bob, {}).details), unproven)
  // Carol says that bob did it, and signs herself; or has a server's record with other removes.
  assert.deepEqual(verify(signedBySeat({ ...details, removes: [alice.seat.seat] }, carol.seat)), unproven)
  assert.deepEqual(verify({ removes: [] }), unproven)
  assert.deepEqual(verify({}, bytes<"GroupId">(new Uint8Array(32).fill(8))), unproven)
  // Of another epoch.
  const later = made(alice, {})
  applied(alice, later)
  assert.deepEqual(verify({}), unproven)
  assert.deepEqual(parseCommitEvidence(file).details, details)
  for (const bad of [file.subarray(1), flipped(file, -40), toUtf8("nodoor-commit-evidence/v1\nx\n\n"), new Uint8Array()])
    assert.throws(
      () => {
        const parsed = parseCommitEvidence(bad)
        if (!equal(parsed.details.commit, details.commit) || !equal(parsed.details.signature, details.signature))
          throw new CodecError("invalid_value", "changed")
      },
      (error) => error instanceof CodecError,
    )
})
