import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toUtf8 } from "@nodoor/bytes"
import { applyCommit, commit, createGroup, generateSigner } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { commitSignatureInput, createSignatureInput, postFlags, postMac, rekeySignatureInput } from "@nodoor/wire/delivery"
import { productSuite } from "../../core/suite.ts"
import { deliveryKey } from "../delivery-key.ts"
import { buildCommitRequest, createRequest, macPost, numberedRequest, rekeyRequest, storedRequest } from "./posting-request.ts"
import { seatKeysOf, seatOf } from "./seat-keys.ts"
import { applicationTypes, leafSeatExtension } from "./seat-list.ts"

const env = { crypto: nodeProvider, timeMs: 1_790_000_000_000 }
const { sha256 } = nodeProvider
const own = { seat: new Uint8Array(16).fill(7), secret: new Uint8Array(32).fill(8) }
const groupId = bytes<"GroupId">(new Uint8Array(32).fill(1))
const signer = generateSigner(env, { suite: productSuite, identity: toUtf8("alice") })
const leafExtensions = [leafSeatExtension({ seat: own.seat, publicKey: seatOf(nodeProvider, own.secret).publicKey })]
const { state } = createGroup(env, { suite: productSuite, groupId, signer, extensions: [], ...applicationTypes, leafExtensions })
const signed = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  nodeProvider.verifyEd25519({ publicKey, message, signature })

test("A post carries the MAC of its epoch's key over its flag, its group and its body", () => {
  const key = deliveryKey(env, state)
  for (const ephemeral of [false, true]) {
    const post = macPost(env, state, { body: toUtf8("body"), ephemeral })
    const flags = ephemeral ? postFlags.ephemeral : postFlags.post
    assert.equal(post.flags, flags)
    assert.deepEqual(post.mac, postMac(sha256, key, { groupId, epoch: 0, flags, bodyHash: sha256(toUtf8("body")) }))
  }
  assert.equal(key.length, 32)
})

test("A commit is signed by its seat's key over everything that the server and every member get", () => {
  const made = commit(env, state, { proposals: [], signer })
  const request = buildCommitRequest(env, state, { own: made, seat: own, adds: [], removes: [] })
  const next = deliveryKey(env, applyCommit(env, state, made.staged).state)
  assert.deepEqual(request.nextDeliveryKey, next)
  const statement = {
    groupId,
    epoch: 0,
    seat: own.seat,
    commitHash: sha256(made.message),
    infoHash: undefined,
    adds: [],
    removes: [],
    nextKeyHash: sha256(next),
  }
  const { publicKey } = seatKeysOf(nodeProvider, own)
  assert.ok(signed(publicKey, commitSignatureInput(statement), request.signature))
  assert.ok(!signed(publicKey, commitSignatureInput({ ...statement, removes: [new Uint8Array(16)] }), request.signature))
})

test("A group is created by its creator's seat, and a seat is handed on by its old key with a number above the last", () => {
  const create = createRequest(env, state, own)
  assert.ok(signed(create.publicKey, createSignatureInput(create), create.signature))
  assert.deepEqual(create.readHash, sha256(seatOf(nodeProvider, own.secret).readSecret))
  const nextSecret = new Uint8Array(32).fill(9)
  const rekey = rekeyRequest(env, { groupId, ...own, nextSecret, n: 4 })
  assert.equal(rekey.n, 5)
  assert.deepEqual(rekey.publicKey, seatOf(nodeProvider, nextSecret).publicKey)
  assert.ok(signed(create.publicKey, rekeySignatureInput(rekey), rekey.signature))
  assert.ok(!signed(rekey.publicKey, rekeySignatureInput(rekey), rekey.signature))
})

test("A stored request is sent again as it was, with a number of the stream", () => {
  const create = createRequest(env, state, own)
  assert.deepEqual(numberedRequest(storedRequest(create), 17), { ...create, ref: 17 })
  const post = macPost(env, state, { body: toUtf8("body") })
  assert.deepEqual(numberedRequest(storedRequest(post), 3), { ...post, ref: 3 })
})
