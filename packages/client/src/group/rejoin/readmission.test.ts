import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { type ProposalInput, generateKeyPackage, parseKeyPackage } from "@nodoor/mls"
import { productSuite } from "../../core/suite.ts"
import { openCommit } from "../evidence/commit-fault.ts"
import { type Newcomer, type SeatedMember, env, groupId, made, newSeat, newcomer, seatedGroup } from "../fixtures/seated-group.ts"
import { seatKeysOf } from "../seat/seat-keys.ts"
import { applicationTypes, readmissionsType } from "../seat/seat-list.ts"
import { encodeReadmissions } from "./readmission.ts"
import { type ReadmissionStatement, signReadmission } from "./rejoin-request.ts"

/** The member's device with a fresh KeyPackage and a seat of its own. */
function anew({ n, signer }: SeatedMember): Newcomer {
  const keyPackage = generateKeyPackage(env, { suite: productSuite, signer, lifetimeS: 86_400, lastResort: false, ...applicationTypes })
  return { n, signer, keyPackage, seat: newSeat() }
}

function statementOf(one: Newcomer, seat: Uint8Array, epoch: number): ReadmissionStatement {
  return { groupId, seat, epoch, ref: one.keyPackage.ref, keys: seatKeysOf(env.crypto, one.seat) }
}

interface Deviation {
  /** What is signed in place of the honest statement, and by whom. */
  readonly signed?: Partial<ReadmissionStatement>
  readonly signer?: SeatedMember["signer"]
  /** Whose KeyPackage it is, if not bob's. */
  readonly by?: Newcomer
  /** What the commit claims. */
  readonly seat?: Uint8Array
  readonly epoch?: number
  readonly claims?: number
  readonly keeps?: boolean
}

/** What alice finds of carol's commit that replaces bob's leaf. */
function verdict(deviation: Deviation = {}): string {
  const replaced = 1
  const members = seatedGroup(3, { rules: { add: "admins", rename: "admins", post: "everyone" } })
  const [alice, bob, carol] = members as unknown as readonly [SeatedMember, SeatedMember, SeatedMember]
  const one = deviation.by ?? anew(bob)
  const epoch = Number(alice.state.epoch)
  const left = members[replaced]?.seat.seat ?? new Uint8Array()
  const statement = { ...statementOf(one, left, epoch), ...deviation.signed }
  const signature = signReadmission(env, deviation.signer ?? bob.signer, statement)
  const { seat = left, claims = 1, keeps = false } = deviation
  const claim = {
    ref: one.keyPackage.ref,
    seat,
    epoch: deviation.epoch ?? epoch,
    readHash: seatKeysOf(env.crypto, one.seat).readHash,
    signature,
  }
  const data = encodeReadmissions(Array.from({ length: claims }, () => claim))
  const proposals: ProposalInput[] = [
    ...(claims > 0 ? [{ type: "private_use" as const, proposalType: readmissionsType, data }] : []),
    ...(keeps ? [] : [{ type: "remove" as const, leafIndex: replaced }]),
  ]
  const { details } = made(carol, { adds: keeps ? [newcomer(5)] : [one], proposals }, { nextSecret: new Uint8Array(32).fill(6) })
  const opened = openCommit(env, alice, details)
  return "code" in opened ? `${opened.status} ${opened.code}` : opened.status
}

test("P18: a member who may not add replaces a leaf with what its device signed, and only so", () => {
  assert.equal(verdict(), "opened")
  assert.equal(verdict({ claims: 0 }), "ground P7")
  assert.equal(verdict({ claims: 2 }), "ground P18")
})

test("P18: what was signed for another seat, epoch, group, KeyPackage or seat key, or by another device, replaces nothing", () => {
  const other = new Uint8Array(32).fill(9)
  assert.equal(verdict({ signed: { seat: new Uint8Array(16).fill(9) } }), "ground P18")
  assert.equal(verdict({ signed: { epoch: 0 } }), "ground P18")
  assert.equal(verdict({ signed: { epoch: 7 }, epoch: 7 }), "ground P18", "an epoch to come")
  assert.equal(verdict({ signed: { groupId: bytes<"GroupId">(other) } }), "ground P18")
  assert.equal(verdict({ signed: { ref: other } }), "ground P18")
  assert.equal(verdict({ signed: { keys: seatKeysOf(env.crypto, newSeat()) } }), "ground P18")
  assert.equal(verdict({ signer: newcomer(2).signer }), "ground P18")
  // An epoch that is over serves, if that is what the device signed.
  assert.equal(verdict({ signed: { epoch: 0 }, epoch: 0 }), "opened")
})

test("P18: nobody takes the place of another account, and a claim without the leaf that goes is none", () => {
  const stranger = newcomer(9)
  assert.equal(verdict({ by: stranger, signer: stranger.signer }), "ground P18")
  assert.equal(verdict({ seat: new Uint8Array(16) }), "ground P18")
  assert.equal(verdict({ keeps: true }), "ground P18")
})

test("A KeyPackage of the request is one that any member can verify", () => {
  const [, bob] = seatedGroup(2) as unknown as readonly [SeatedMember, SeatedMember]
  assert.ok(parseKeyPackage(env, anew(bob).keyPackage.message))
})
