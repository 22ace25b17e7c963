import { strict as assert } from "node:assert"
import { test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import { encodePrivateMessage, parseMessage } from "../../src/message/mls-message.ts"
import { peek, welcomeRefs } from "../../src/index.ts"
import { loadOpenMls } from "./testing/openmls.ts"

// openmls-wasm lets neither key packages nor ratchet trees out as bytes, so no member of ours can be in a group with one of its own.
// What it does let out as bytes must come through our strict decoders, and out of our encoders as it went in.
test("what OpenMLS writes is read by the strict decoders and written again byte for byte", async () => {
  const openmls = await loadOpenMls()
  const provider = new openmls.Provider()
  const [alice, bob] = [new openmls.Identity(provider, "alice"), new openmls.Identity(provider, "bob")]
  const group = openmls.Group.create_new(provider, alice, "group")
  const added = group.propose_and_commit_add(provider, alice, bob.key_package(provider))
  const [proposal, commit, welcome] = [added.proposal, added.commit, added.welcome]
  group.merge_pending_commit(provider)
  const joined = openmls.Group.join(provider, welcome, group.export_ratchet_tree())
  const application = group.create_message(provider, alice, toUtf8("hello"))
  assert.deepEqual(joined.process_message(provider, application), toUtf8("hello"))

  assert.equal(welcomeRefs(welcome).length, 1)
  for (const [message, contentType, epoch] of [
    [proposal, "proposal", 0n],
    [commit, "commit", 0n],
    [application, "application", 1n],
  ] as const) {
    assert.deepEqual(peek(message), { groupId: toUtf8("group"), epoch, contentType })
    const parsed = parseMessage(message)
    assert.ok(parsed.format === "private")
    assert.deepEqual(encodePrivateMessage(parsed.message), message)
  }
})
