import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex, toUtf8 } from "@nodoor/bytes"
import {
  type CipherSuiteId,
  type Environment,
  type GroupId,
  type GroupState,
  type Signer,
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  epochAuthenticator,
  generateKeyPackage,
  generateSigner,
  join,
  loadGroup,
  members,
  openWelcome,
  parseKeyPackage,
  process,
  protect,
  records,
} from "../index.ts"
import { nodeProvider } from "../provider/node.ts"

const env: Environment = { crypto: nodeProvider, timeMs: 1_700_000_000_000 }

interface Party {
  readonly signer: Signer
  state: GroupState
}

function newcomer(suite: CipherSuiteId, name: string) {
  const signer = generateSigner(env, { suite, identity: toUtf8(name) })
  const keyPackage = generateKeyPackage(env, { suite, signer, lifetimeS: 86_400, lastResort: false })
  return { signer, keyPackage, verified: parseKeyPackage(env, keyPackage.message) }
}

for (const suite of [0x004f, 1, 3] as const) {
  test(`two members of suite ${suite} talk, update and part`, () => {
    const alice: Party = { signer: generateSigner(env, { suite, identity: toUtf8("alice") }), state: undefined as unknown as GroupState }
    alice.state = createGroup(env, { suite, groupId: toUtf8("group") as GroupId, signer: alice.signer, extensions: [] }).state
    const bob = newcomer(suite, "bob")
    const added = commit(env, alice.state, { proposals: [{ type: "add", keyPackage: bob.verified }], signer: alice.signer })
    alice.state = applyCommit(env, alice.state, added.staged).state
    assert.ok(added.welcome)
    const welcome = encodeWelcome(suite, {
      secrets: added.welcome.secrets.map(({ encrypted }) => encrypted),
      encryptedGroupInfo: added.welcome.encryptedGroupInfo,
    })
    let bobState = join(env, openWelcome(env, { welcome, keyPackageSecret: bob.keyPackage.secret, signer: bob.signer })).state
    assert.equal(toHex(epochAuthenticator(bobState)), toHex(epochAuthenticator(alice.state)))
    const sent = protect(env, alice.state, { plaintext: toUtf8("hello"), signer: alice.signer })
    const got = process(env, bobState, sent.message)
    assert.ok(got.kind === "application")
    assert.deepEqual(got.plaintext, toUtf8("hello"))
    bobState = got.change.state
    const update = commit(env, bobState, { proposals: [], signer: bob.signer, forcePath: true })
    const seen = process(env, alice.state, update.message)
    assert.ok(seen.kind === "commit")
    alice.state = applyCommit(env, alice.state, seen.staged).state
    bobState = applyCommit(env, bobState, update.staged).state
    assert.equal(toHex(epochAuthenticator(bobState)), toHex(epochAuthenticator(alice.state)))
    const reloaded = loadGroup(
      env,
      records(bobState).map(({ key, value }) => ({ key, value: value as Uint8Array })),
    )
    const removal = commit(env, alice.state, { proposals: [{ type: "remove", leafIndex: 1 }], signer: alice.signer })
    const leaving = process(env, reloaded, removal.message)
    assert.ok(leaving.kind === "commit" && leaving.staged.removesOwn)
    assert.equal(applyCommit(env, reloaded, leaving.staged).state.active, false)
    assert.equal(members(applyCommit(env, alice.state, removal.staged).state).length, 1)
  })
}
