import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, toUtf8 } from "@nodoor/bytes"
import { internal } from "../../src/group/group-state.ts"
import {
  applyCommit,
  commit,
  createGroup,
  generateSigner,
  loadGroup,
  parseKeyPackage,
  peek,
  process,
  propose,
  protect,
  records,
  welcomeRefs,
} from "../../src/index.ts"
import type { GroupId } from "../../src/api/api.ts"
import { encodePrivateMessage, parseMessage } from "../../src/message/mls-message.ts"
import { openSenderData, sealContent } from "../../src/message/private-message.ts"
import { ownContent, signContent } from "../../src/message/content-authentication.ts"
import { encodedContent } from "../../src/message/framing.ts"
import { takeNext } from "../../src/secrets/secret-tree.ts"
import {
  add,
  commitAll,
  env,
  flip,
  forgeCommit,
  forgeKeyPackage,
  forgeMessage,
  makeGroup,
  newcomer,
  staged,
  suite,
  welcomeOf,
} from "./forge.ts"
import { refuses, refusesMessage } from "./refusal.ts"

const say = (party: ReturnType<typeof makeGroup>[number], text: string): Uint8Array => {
  const sent = protect(env, party.state, { plaintext: toUtf8(text), signer: party.signer })
  party.state = sent.change.state
  return sent.message
}

test("RFC 9420 §6: a message that ends too early is refused at every length", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const message = say(alice, "hello")
  for (let length = 0; length < message.length; length++) refusesMessage(bob, "truncated", message.subarray(0, length))
})

test("RFC 9420 §6: bytes after a message, a Welcome or a key package are refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "trailing", concat(say(alice, "hello"), Uint8Array.of(0)))
  const carol = newcomer("carol")
  refuses("trailing", () => parseKeyPackage(env, concat(carol.keyPackage.message, Uint8Array.of(0))))
  const { welcome } = commit(env, alice.state, { proposals: [add(carol.verified)], signer: alice.signer })
  refuses("trailing", () => welcomeRefs(concat(welcomeOf(welcome), Uint8Array.of(0))))
})

test("RFC 9420 §2.1.2: a vector whose length is not in its shortest form is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const message = say(alice, "hello")
  // version, wire format, then the group id of 5 bytes
  assert.equal(message[4], 5)
  refusesMessage(bob, "non_canonical", concat(message.subarray(0, 4), Uint8Array.of(0x40, 5), message.subarray(5)))
  refusesMessage(bob, "non_canonical", concat(message.subarray(0, 4), Uint8Array.of(0x80, 0, 0, 5), message.subarray(5)))
})

test("RFC 9420 §2.1.2: a length above its limit is refused before anything of that size is made", () => {
  const [, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "oversized", Uint8Array.of(0, 1, 0, 2, 0xbf, 0xff, 0xff, 0xff))
})

test("RFC 9420 §6, §12.1, §17: unknown wire formats, proposal types and sender types are refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { options: { handshakes: "any" } })
  refusesMessage(bob, "invalid_value", Uint8Array.of(0, 1, 0, 9))
  refusesMessage(bob, "invalid_value", Uint8Array.of(0, 1, 0, 2, 0xc0))
  const remove = forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed: 0 } }, { wire: "public" })
  // version 2, wire format 2, group id 1 + 5, epoch 8, then sender type and leaf index, authenticated data, content type, proposal type
  const senderAt = 4 + 6 + 8
  assert.deepEqual([...remove.subarray(senderAt, senderAt + 9)], [1, 0, 0, 0, 0, 0, 2, 0, 3])
  refusesMessage(bob, "invalid_value", concat(remove.subarray(0, senderAt), Uint8Array.of(9), remove.subarray(senderAt + 1)))
  refusesMessage(bob, "invalid_value", concat(remove.subarray(0, senderAt + 7), Uint8Array.of(0x0a, 0x0a), remove.subarray(senderAt + 9)))
})

test("RFC 9420 §6, §10: a message or key package of another protocol version is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "unsupported_version", concat(Uint8Array.of(0, 2), say(alice, "hello").subarray(2)))
  refuses("unsupported_version", () => parseKeyPackage(env, forgeKeyPackage({ version: 2 }).message))
})

test("RFC 9420 §10.1: a key package of a cipher suite that this engine lacks is refused", () => {
  refuses("unsupported_suite", () => parseKeyPackage(env, forgeKeyPackage({ suiteId: 2 }).message))
})

test("RFC 9420 §6: a message of another wire format than expected is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "wrong_wire_format", newcomer("carol").keyPackage.message)
  const message = say(alice, "hello")
  refuses("wrong_wire_format", () => parseKeyPackage(env, message))
  refuses("wrong_wire_format", () => welcomeRefs(message))
  refuses("wrong_wire_format", () => peek(newcomer("carol").keyPackage.message))
})

test("RFC 9420 §6.1: a message of another group is refused, encrypted or not", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { options: { handshakes: "any" } })
  const [eve] = makeGroup(["eve", "mallory"], { groupId: "other" })
  refusesMessage(bob, "wrong_group", say(eve, "hello"))
  const foreign = toUtf8("other")
  refusesMessage(
    bob,
    "wrong_group",
    forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed: 0 } }, { wire: "public", groupId: foreign }),
  )
})

test("RFC 9420 §12.1, §12.4.2: a handshake message of another epoch is refused, and an application message of an epoch no longer kept", () => {
  const parties = makeGroup(["alice", "bob"], { options: { handshakes: "any" } })
  const [alice, bob] = parties
  const proposal = propose(env, alice.state, { proposal: { type: "update" }, signer: alice.signer })
  const late = forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed: 0 } }, { wire: "public" })
  const oldCommit = commit(env, alice.state, { proposals: [], signer: alice.signer })
  const own = oldCommit.staged
  const message = say(alice, "late")
  commitAll(parties, bob, [])
  refusesMessage(bob, "wrong_epoch", proposal.message)
  refusesMessage(bob, "wrong_epoch", late)
  refusesMessage(bob, "wrong_epoch", oldCommit.message)
  refuses("wrong_epoch", () => applyCommit(env, alice.state, own))
  commitAll(parties, alice, [])
  commitAll(parties, bob, [])
  const readable = process(env, bob.state, message)
  assert.ok(readable.kind === "application" && readable.epoch === 1n)
  commitAll(parties, alice, [])
  refusesMessage(bob, "wrong_epoch", message)
})

test("RFC 9420 §12.1.5, §12.4.2: after its removal or a ReInit a member neither sends nor follows", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const removal = commit(env, alice.state, { proposals: [{ type: "remove", leafIndex: 1 }], signer: alice.signer })
  const application = protect(env, alice.state, { plaintext: toUtf8("x"), signer: alice.signer }).message
  bob.state = applyCommit(env, bob.state, staged(bob, removal.message)).state
  assert.equal(bob.state.active, false)
  refuses("group_inactive", () => protect(env, bob.state, { plaintext: toUtf8("x"), signer: bob.signer }))
  refuses("group_inactive", () => commit(env, bob.state, { proposals: [], signer: bob.signer }))
  refusesMessage(bob, "group_inactive", application)
  const parties = makeGroup(["carol", "dave"])
  const [carol, dave] = parties
  commitAll(parties, carol, [{ type: "reinit", groupId: toUtf8("new") as GroupId, suite: 1, extensions: [] }])
  assert.equal(dave.state.active, false)
  refuses("group_inactive", () => propose(env, dave.state, { proposal: { type: "update" }, signer: dave.signer }))
  refuses("group_inactive", () => commit(env, carol.state, { proposals: [], signer: carol.signer }))
})

test("RFC 9420 §6.1: nobody signs with a key that is not the one of its leaf", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refuses("wrong_signer", () => protect(env, alice.state, { plaintext: toUtf8("x"), signer: bob.signer }))
  refuses("wrong_signer", () => commit(env, alice.state, { proposals: [], signer: bob.signer }))
})

test("RFC 9420 §9.1: a member's own messages, coming back, are told apart and change nothing", () => {
  const [alice] = makeGroup(["alice", "bob"], { options: { handshakes: "any" } })
  refusesMessage(alice, "own_message", say(alice, "hello"))
  refusesMessage(
    alice,
    "own_message",
    forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed: 1 } }, { wire: "public" }),
  )
})

test("RFC 9420 §6: handshake messages that are not encrypted are refused unless the group takes them", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(
    bob,
    "public_message_refused",
    forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed: 0 } }, { wire: "public" }),
  )
  refusesMessage(bob, "public_message_refused", forgeCommit(alice, { wire: "public" }))
  const [carol, dave] = makeGroup(["carol", "dave"], { options: { handshakes: "any" } })
  assert.equal(staged(dave, forgeCommit(carol, { wire: "public" })).committer, 0)
})

test("RFC 9420 §6: application data that is not encrypted is refused in every group", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { options: { handshakes: "any" } })
  refusesMessage(bob, "public_application", forgeMessage(alice, { type: "application", data: toUtf8("hello") }, { wire: "public" }))
})

test("RFC 9420 §6.3.2: sender data that does not open is refused, its result is never ignored", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const parsed = parseMessage(say(alice, "hello"))
  assert.ok(parsed.format === "private")
  const { message } = parsed
  for (let at = 0; at < message.encryptedSenderData.length; at++) {
    refusesMessage(bob, "sender_data", encodePrivateMessage({ ...message, encryptedSenderData: flip(message.encryptedSenderData, at) }))
  }
})

test("RFC 9420 §6.3.2: a sender whose leaf is blank is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob", "carol"])
  const group = internal(alice.state)
  const content = ownContent({
    wireFormat: 2,
    framed: {
      groupId: group.groupId,
      epoch: group.epoch,
      sender: { type: "member", leafIndex: 3 },
      authenticatedData: new Uint8Array(0),
      ...encodedContent({ type: "application", data: toUtf8("x") }),
    },
    auth: { signature: new Uint8Array(64), confirmationTag: undefined },
  })
  for (const leafIndex of [3, 1000, 0xffffffff]) {
    const { key, nonce } = takeNext(suite, group.secretTree, 3, "application")
    const senderData = { leafIndex, generation: 0, reuseGuard: new Uint8Array(4) }
    const sealed = sealContent(suite, content, {
      senderDataSecret: group.secrets.senderData,
      key: { key, nonce },
      senderData,
      paddingBytes: 0,
    })
    refusesMessage(bob, "unknown_sender", encodePrivateMessage(sealed))
  }
})

test("RFC 9420 §9.2: a message is read once; its replay is refused, after reloading too", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const message = say(alice, "hello")
  bob.state =
    process(env, bob.state, message).kind === "application"
      ? (process(env, bob.state, message) as { change: { state: typeof bob.state } }).change.state
      : bob.state
  refusesMessage(bob, "generation_consumed", message)
  bob.state = loadGroup(
    env,
    records(bob.state).map(({ key, value }) => ({ key, value: value as Uint8Array })),
  )
  refusesMessage(bob, "generation_consumed", message)
})

test("RFC 9420 §15.3: late messages within the window are read in any order, each once", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const sent = Array.from({ length: 40 }, (_, i) => say(alice, `message ${i}`))
  const order = sent.map((_, i) => (i * 17 + 5) % sent.length)
  for (const i of order) {
    const got = process(env, bob.state, sent[i] as Uint8Array)
    assert.ok(got.kind === "application")
    assert.deepEqual(got.plaintext, toUtf8(`message ${i}`))
    bob.state = got.change.state
  }
  for (const message of sent) refusesMessage(bob, "generation_consumed", message)
})

test("RFC 9420 §15.3: a generation too far ahead is refused without deriving that many keys", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const group = internal(alice.state)
  const { key, nonce } = takeNext(suite, group.secretTree, 0, "application")
  const framed = {
    groupId: group.groupId,
    epoch: group.epoch,
    sender: { type: "member", leafIndex: 0 } as const,
    authenticatedData: new Uint8Array(0),
    ...encodedContent({ type: "application", data: toUtf8("x") }),
  }
  const auth = { signature: signContent(suite, 2, framed, group.context.encoded, alice.signer.privateKey), confirmationTag: undefined }
  const senderData = { leafIndex: 0, generation: 0xffffffff, reuseGuard: new Uint8Array(4) }
  const sealed = sealContent(
    suite,
    { wireFormat: 2, framed, auth },
    { senderDataSecret: group.secrets.senderData, key: { key, nonce }, senderData, paddingBytes: 0 },
  )
  refusesMessage(bob, "generation_too_far", encodePrivateMessage(sealed))
})

test("RFC 9420 §6.3.1: content that does not open is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const parsed = parseMessage(say(alice, "hello there, this is long enough"))
  assert.ok(parsed.format === "private")
  const { message } = parsed
  refusesMessage(bob, "decryption_failed", encodePrivateMessage({ ...message, ciphertext: flip(message.ciphertext, -1) }))
  refusesMessage(bob, "decryption_failed", encodePrivateMessage({ ...message, authenticatedData: toUtf8("other") }))
  assert.equal(openSenderData(suite, internal(bob.state).secrets.senderData, message).leafIndex, 0)
})

test("RFC 9420 §6.3.1: padding that is not zero is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  // The tag of a commit, written after an application message's signature, stands where padding does.
  const forged = (padding: Uint8Array): Uint8Array =>
    forgeMessage(alice, { type: "application", data: toUtf8("x") }, { tamperAuth: (auth) => ({ ...auth, confirmationTag: padding }) })
  refusesMessage(bob, "nonzero_padding", forged(Uint8Array.of(1)))
  assert.equal(process(env, bob.state, forged(new Uint8Array(0))).kind, "application")
})

test("RFC 9420 §6.1: a message that its sender did not sign is refused", () => {
  const [alice, bob, carol] = makeGroup(["alice", "bob", "carol"], { options: { handshakes: "any" } })
  const signWith = carol.signer.privateKey
  refusesMessage(bob, "invalid_signature", forgeMessage(alice, { type: "application", data: toUtf8("x") }, { signWith }))
  refusesMessage(bob, "invalid_signature", forgeCommit(alice, { signWith }))
  refusesMessage(bob, "invalid_signature", forgeCommit(alice, { signWith, wire: "public" }))
})

test("RFC 9420 §6.2: a public message without the membership tag of its epoch is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { options: { handshakes: "any" } })
  const tamperMembershipTag = (tag: Uint8Array): Uint8Array => flip(tag, 0)
  refusesMessage(bob, "membership_tag", forgeCommit(alice, { wire: "public", tamperMembershipTag }))
})

test("RFC 9420 §6.1, §12.4.2: a commit whose confirmation tag does not fit the epoch it makes is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const tamperAuth = (auth: { signature: Uint8Array; confirmationTag: Uint8Array | undefined }) => ({
    ...auth,
    confirmationTag: flip(auth.confirmationTag as Uint8Array, 3),
  })
  refusesMessage(bob, "confirmation_tag", forgeCommit(alice, { tamperAuth }))
})

test("stored records that are broken, missing or of two groups are refused", () => {
  const [alice] = makeGroup(["alice", "bob"])
  const stored = records(alice.state).map(({ key, value }) => ({ key, value: value as Uint8Array }))
  assert.equal(loadGroup(env, stored).epoch, 1n)
  refuses("broken_records", () =>
    loadGroup(
      env,
      stored.filter(({ key }) => key !== "epoch"),
    ),
  )
  refuses("broken_records", () =>
    loadGroup(
      env,
      stored.map(({ key, value }) => ({ key, value: key === "group" ? value.subarray(1) : value })),
    ),
  )
  refuses("broken_records", () => loadGroup(env, [...stored, { key: "node/9999", value: new Uint8Array(1) }]))
  const other = createGroup(env, {
    suite: 1,
    groupId: toUtf8("other") as GroupId,
    signer: generateSigner(env, { suite: 1, identity: toUtf8("eve") }),
    extensions: [],
  })
  const foreign = records(other.state).find(({ key }) => key === "group")?.value as Uint8Array
  refuses("broken_records", () =>
    loadGroup(
      env,
      stored.map(({ key, value }) => ({ key, value: key === "group" ? foreign : value })),
    ),
  )
})
