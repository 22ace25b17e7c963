// Groups by hand are what an honest member would make, unless a deviation is asked for: the attacks would show nothing otherwise.

import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeCbor } from "@nodoor/bytes"
import {
  type GroupId,
  MlsError,
  type NewKeyPackage,
  type StagedJoin,
  encodeWelcome,
  generateKeyPackage,
  generateSigner,
  join,
  openWelcome,
  parseKeyPackage,
  protect,
} from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { introductionBytes } from "@nodoor/wire"
import { commitSignatureInput, fanoutOf, postMac } from "@nodoor/wire/delivery"
import { policyExtension } from "./forgery.ts"
import { suite, understood } from "./leaf.ts"
import { type HandMade, type MadeCommit, commitByHand, deliveryKeyOf, follow, foundGroup, postByHand, seatOf } from "./hand-made-group.ts"
import { type Adder, openIntroduction, sealIntroduction } from "./introductions.ts"
import { type OwnSeat, keysOf, newSeat, seatsOfGroupInfo } from "./seats.ts"

const env = { crypto: nodeProvider, timeMs: Date.UTC(2026, 0, 31) }
const sha256 = nodeProvider.sha256

interface Somebody extends Adder {
  readonly keyPackage: NewKeyPackage
}

function somebody(fill: number): Somebody {
  const [accountId, deviceId] = [new Uint8Array(16).fill(fill), new Uint8Array(16).fill(fill + 100)]
  const signer = generateSigner(env, { suite, identity: encodeCbor(["drill.example", accountId, deviceId]) })
  const keyPackage = generateKeyPackage(env, { suite, signer, lifetimeS: 86_400, lastResort: false, ...understood })
  return { env, signer, accountId, deviceId, keyPackage }
}

const [alice, bob, carol] = [somebody(1), somebody(2), somebody(3)]

function founded(): HandMade {
  const policy = policyExtension({ kind: "group", name: "By hand", admins: [alice.accountId] })
  return foundGroup(alice, nodeProvider.random(32) as GroupId, [policy]).held
}

function adding(held: HandMade, who: Somebody): MadeCommit {
  return commitByHand(alice, held, [{ type: "add", keyPackage: parseKeyPackage(env, who.keyPackage.message) }])
}

/** The only one who was added joins by the introduction that Alice seals. */
function joined({ item, added }: MadeCommit, who: Somebody): { readonly staged: StagedJoin; readonly held: HandMade } {
  const [one] = added
  assert.ok(one && item.groupInfo)
  const sealed = sealIntroduction(alice, item.groupId, one)
  assert.equal(sealed.length, introductionBytes)
  const { groupId, seat, encrypted } = openIntroduction(env, who.keyPackage.secret, sealed)
  assert.deepEqual([groupId, seat], [item.groupId, one.seat])
  const welcome = encodeWelcome(suite, { secrets: [encrypted], encryptedGroupInfo: item.groupInfo })
  const staged = openWelcome(env, { welcome, keyPackageSecret: who.keyPackage.secret, signer: who.signer })
  return { staged, held: { state: join(env, staged).state, own: seat, seats: seatsOfGroupInfo(staged.groupInfoExtensions) } }
}

test("Members that go along with each other's commits hold the same seats, and a newcomer is told them", () => {
  const first = adding(founded(), bob)
  const bobs = joined(first, bob).held
  assert.deepEqual(bobs.seats, first.next.seats)
  const second = adding(first.next, carol)
  const followed = follow(env, bobs, second.item.commit).held
  const carols = joined(second, carol).held
  for (const held of [followed, carols]) assert.deepEqual(held.seats, second.next.seats)
  assert.equal(seatOf(carols, alice.deviceId)?.own, true)
  assert.equal(seatOf(carols, bob.deviceId)?.own, false)
  // With its first path Bob puts a key of his own there, which the secret that Alice knows does not lead to.
  const own: OwnSeat = newSeat(bobs.own.seat)
  const renewed = commitByHand(bob, { ...followed, own }, [], { signs: bobs.own })
  const seen = follow(env, carols, renewed.item.commit).held
  assert.deepEqual(seatOf(seen, bob.deviceId), { seat: bobs.own.seat, publicKey: keysOf(own).publicKey, own: true })
  const removed = commitByHand(alice, follow(env, second.next, renewed.item.commit).held, [{ type: "remove", leafIndex: 2 }])
  assert.deepEqual([removed.item.removes, removed.next.seats.size], [[carols.own.seat], 2])
  assert.deepEqual(
    fanoutOf(
      sha256,
      [...removed.next.seats.values()].map(({ seat }) => seat),
    ),
    fanoutOf(sha256, [bobs.own.seat, removed.next.own.seat]),
  )
})

test("What the server is told is signed by the seat and made with the epoch's key, and the next key is the one that follows", () => {
  const held = founded()
  const { item, next } = adding(held, bob)
  const { groupId, epoch, seat, adds, removes, commit, groupInfo, nextDeliveryKey, signature } = item
  assert.ok(groupInfo)
  const hashes = { commitHash: sha256(commit), infoHash: sha256(groupInfo), nextKeyHash: sha256(nextDeliveryKey) }
  const message = commitSignatureInput({ groupId, epoch, seat, adds, removes, ...hashes })
  assert.ok(nodeProvider.verifyEd25519({ publicKey: keysOf(held.own).publicKey, message, signature }))
  assert.deepEqual(nextDeliveryKey, deliveryKeyOf(env, next.state))
  const mac = postMac(sha256, deliveryKeyOf(env, held.state), { groupId, epoch, flags: 2, bodyHash: sha256(commit) })
  assert.deepEqual(item.mac, mac)
  const { message: body } = protect(env, next.state, { plaintext: new Uint8Array(256), signer: alice.signer })
  const post = postByHand(env, next.state, body)
  assert.deepEqual(post.mac, postMac(sha256, nextDeliveryKey, { groupId, epoch: epoch + 1, flags: 0, bodyHash: sha256(body) }))
})

test("An introduction opens for the KeyPackage that it is sealed to and for no other", () => {
  const { added, item } = adding(founded(), bob)
  const [one] = added
  assert.ok(one)
  const sealed = sealIntroduction(alice, item.groupId, one)
  assert.throws(() => openIntroduction(env, carol.keyPackage.secret, sealed), MlsError)
  assert.deepEqual(openIntroduction(env, bob.keyPackage.secret, sealed).seat, one.seat)
})
