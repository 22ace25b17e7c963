import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, CodecError, bytes, encodeCbor } from "@nodoor/bytes"
import { type GroupState, type Signer, createGroup, generateSigner } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { encodeIdentity } from "../core/credential.ts"
import { openEphemeral, sealEphemeral } from "./ephemeral.ts"
import { minPaddedBytes } from "./payload/padme.ts"
import { productSuite } from "../core/suite.ts"

const env = { crypto: nodeProvider, timeMs: 1_750_000_000_000 }

function group(id: number): { readonly state: GroupState; readonly signer: Signer } {
  const identity = encodeIdentity({
    origin: "chat.example",
    accountId: bytes(new Uint8Array(16).fill(id)),
    deviceId: bytes(new Uint8Array(16).fill(id)),
  })
  const signer = generateSigner(env, { suite: productSuite, identity })
  const groupId = bytes<"GroupId">(new Uint8Array(32).fill(id))
  return { state: createGroup(env, { suite: productSuite, groupId, signer, extensions: [] }).state, signer }
}

test("An ephemeral post opens to its type and the identity of the leaf that signed it, and its size tells nothing", () => {
  const { state, signer } = group(1)
  const short = sealEphemeral(env, state, { contentType: "a", signer })
  const long = sealEphemeral(env, state, { contentType: "application/vnd.nodoor.typing", signer })
  assert.equal(short.length, long.length)
  assert.ok(short.length > minPaddedBytes)
  const opened = openEphemeral(env, state, long)
  assert.equal(opened?.contentType, "application/vnd.nodoor.typing")
  assert.deepEqual([...(opened?.identity ?? [])], [...signer.identity])
})

test("An ephemeral post of another group, signed by somebody else's key, or with any byte changed, is refused with a code", () => {
  const [one, other] = [group(1), group(2)]
  const body = sealEphemeral(env, one.state, { contentType: "a", signer: one.signer })
  assert.throws(() => openEphemeral(env, other.state, body), CodecError)
  assert.throws(() => openEphemeral(env, one.state, sealEphemeral(env, one.state, { contentType: "a", signer: other.signer })), CodecError)
  for (let i = 0; i < body.length; i++) {
    const changed = Uint8Array.from(body)
    changed[i] = (changed[i] ?? 0) ^ 1
    try {
      assert.equal(openEphemeral(env, one.state, changed), undefined, `byte ${i}`)
    } catch (error) {
      assert.ok(error instanceof CodecError, String(error))
    }
  }
})

test("An ephemeral post of another form is refused with a code", () => {
  const { state } = group(1)
  const epoch = Number(state.epoch)
  const wrong: readonly CborValue[] = [
    [epoch, new Uint8Array(11), new Uint8Array(300)],
    [epoch, new Uint8Array(13), new Uint8Array(300)],
    [epoch, new Uint8Array(12), "sealed"],
    [epoch, new Uint8Array(12)],
    [epoch, new Uint8Array(12), new Uint8Array(300), 1],
    epoch,
  ]
  for (const value of wrong) assert.throws(() => openEphemeral(env, state, encodeCbor(value)), CodecError, JSON.stringify(value))
})
