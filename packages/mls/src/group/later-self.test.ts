import assert from "node:assert/strict"
import { test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import {
  type Environment,
  type GroupId,
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  generateKeyPackage,
  generateSigner,
  isOfLaterSelf,
  join,
  openWelcome,
  parseKeyPackage,
  propose,
  protect,
} from "../index.ts"
import { internal } from "./group-state.ts"
import { nodeProvider } from "../provider/node.ts"

const env: Environment = { crypto: nodeProvider, timeMs: 1_700_000_000_000 }
const suite = 1

/** A group of two, and both signers. */
function pair() {
  const signer = generateSigner(env, { suite, identity: toUtf8("alice") })
  const alone = createGroup(env, { suite, groupId: toUtf8("group") as GroupId, signer, extensions: [] }).state
  const other = generateSigner(env, { suite, identity: toUtf8("bob") })
  const keyPackage = generateKeyPackage(env, { suite, signer: other, lifetimeS: 86_400, lastResort: false })
  const added = commit(env, alone, { proposals: [{ type: "add", keyPackage: parseKeyPackage(env, keyPackage.message) }], signer })
  assert.ok(added.welcome)
  const welcome = encodeWelcome(suite, {
    secrets: added.welcome.secrets.map(({ encrypted }) => encrypted),
    encryptedGroupInfo: added.welcome.encryptedGroupInfo,
  })
  return {
    alice: applyCommit(env, alone, added.staged).state,
    bob: join(env, openWelcome(env, { welcome, keyPackageSecret: keyPackage.secret, signer: other })).state,
    signer,
    other,
  }
}

const say = (state: Parameters<typeof protect>[1], signer: Parameters<typeof protect>[2]["signer"]): ReturnType<typeof protect> =>
  protect(env, state, { plaintext: toUtf8("hello"), signer })

test("RFC 9420 §6.3.1: a message, proposal or commit that this member sent from a later state shows that the state is an older copy", () => {
  const { alice: copy, signer } = pair()
  const first = say(copy, signer)
  const second = say(first.change.state, signer)
  assert.ok(isOfLaterSelf(env, copy, first.message))
  assert.ok(isOfLaterSelf(env, copy, second.message))
  assert.ok(isOfLaterSelf(env, first.change.state, second.message))
  assert.ok(isOfLaterSelf(env, copy, propose(env, copy, { proposal: { type: "remove", leafIndex: 1 }, signer }).message))
  assert.ok(isOfLaterSelf(env, copy, commit(env, copy, { proposals: [], signer, forcePath: true }).message))
})

test("RFC 9420 §6.3.1: what was sent from this state, by others, or of another epoch shows nothing", () => {
  const { alice, bob, signer, other } = pair()
  const first = say(alice, signer)
  const second = say(first.change.state, signer)
  assert.ok(!isOfLaterSelf(env, first.change.state, first.message))
  assert.ok(!isOfLaterSelf(env, second.change.state, first.message))
  assert.ok(!isOfLaterSelf(env, alice, say(bob, other).message))
  const moved = commit(env, alice, { proposals: [], signer, forcePath: true })
  const next = applyCommit(env, alice, moved.staged).state
  assert.ok(!isOfLaterSelf(env, next, first.message))
  assert.ok(!isOfLaterSelf(env, alice, say(next, signer).message))
  assert.ok(!isOfLaterSelf(env, alice, toUtf8("no message")))
})

test("RFC 9420 §6.1: a member who seals in this member's name, with keys that every member has, shows nothing: it cannot sign", () => {
  const { alice, bob, signer, other } = pair()
  const posing = { ...internal(bob), ownLeafIndex: internal(alice).ownLeafIndex }
  const forged = say(posing as unknown as typeof bob, { ...signer, privateKey: other.privateKey })
  assert.ok(!isOfLaterSelf(env, alice, forged.message))
})
