import assert from "node:assert/strict"
import { test } from "node:test"
import { TlsWriter, decodeTls, present, toHex, toUtf8 } from "@nodoor/bytes"
import type { GroupId, PskId } from "../../src/api/api.ts"
import { encryptContext, encryptInContext, makeKeyPackageRef } from "../../src/codec/cryptographic-objects.ts"
import { extensionType } from "../../src/codec/extension.ts"
import { groupContext } from "../../src/codec/group-context.ts"
import { type GroupInfo, signGroupInfo, writeGroupInfo } from "../../src/message/group-info.ts"
import { internal } from "../../src/group/group-state.ts"
import {
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  epochAuthenticator,
  exportRatchetTree,
  generateSigner,
  join,
  openWelcome,
  resumptionPsk,
  welcomeRefs,
} from "../../src/index.ts"
import { openGroupInfo, openGroupSecrets } from "../../src/group/joining.ts"
import { decodeKeyPackageSecret } from "../../src/message/key-package.ts"
import { welcomeKeys, welcomeSecret, zeros } from "../../src/secrets/key-schedule.ts"
import { type ParentNode, type RatchetTree, TreeDraft, rootHash } from "../../src/tree/ratchet-tree.ts"
import { encodeRatchetTree, readRatchetTree, treeOfNodes } from "../../src/tree/ratchet-tree-extension.ts"
import { checkRatchetTree, checkUniqueKeys } from "../../src/tree/ratchet-tree-validation.ts"
import { importKey } from "../../src/tree/tree-kem.ts"
import { type GroupSecrets, encodeGroupSecrets, parseWelcome, writeEncryptedGroupSecrets } from "../../src/message/welcome.ts"
import { type Newcomer, type Party, add, commitAll, env, flip, makeGroup, newcomer, suite, welcomeOf } from "./forge.ts"
import { refuses } from "./refusal.ts"

interface Invitation {
  readonly inviter: Party
  readonly guest: Newcomer
  readonly welcome: Uint8Array
}

/** A group of three with a Welcome for one more. */
function invite(): Invitation {
  const [alice] = makeGroup(["alice", "bob", "carol"])
  const guest = newcomer("dave")
  const own = commit(env, alice.state, { proposals: [add(guest.verified)], signer: alice.signer, forcePath: true })
  alice.state = applyCommit(env, alice.state, own.staged).state
  return { inviter: alice, guest, welcome: welcomeOf(own.welcome) }
}

function open(
  { guest }: Invitation,
  welcome: Uint8Array,
  more: Partial<Parameters<typeof openWelcome>[1]> = {},
): ReturnType<typeof openWelcome> {
  return openWelcome(env, { welcome, keyPackageSecret: guest.keyPackage.secret, signer: guest.signer, ...more })
}

/** Opens a Welcome with the guest's key, changes what is inside, and seals it again as the inviter would have. */
function reseal(
  { inviter, guest, welcome }: Invitation,
  change: {
    readonly secrets?: (secrets: GroupSecrets) => GroupSecrets
    readonly groupInfo?: (groupInfo: GroupInfo) => GroupInfo
    readonly resign?: boolean
  },
): Uint8Array {
  const parsed = parseWelcome(welcome)
  const secret = decodeKeyPackageSecret(guest.keyPackage.secret)
  const secrets = openGroupSecrets(suite, parsed, secret)
  const given = openGroupInfo(suite, parsed, secrets.joiner, zeros(suite))
  const changed = change.groupInfo?.(given) ?? given
  const groupInfo = change.resign === false ? changed : signGroupInfo(suite, changed, inviter.signer.privateKey)
  const writer = new TlsWriter()
  writeGroupInfo(writer, groupInfo)
  const keys = welcomeKeys(suite, welcomeSecret(suite, secrets.joiner, zeros(suite)))
  const encryptedGroupInfo = suite.seal(keys.key, keys.nonce, new Uint8Array(0), writer.finish())
  const inner = encodeGroupSecrets(change.secrets?.(secrets) ?? secrets)
  const sealed = encryptInContext(
    suite,
    importKey(suite, secret.keyPackage.initKey),
    encryptContext("Welcome", encryptedGroupInfo),
    inner,
    env.crypto.random,
  )
  const entry = new TlsWriter()
  writeEncryptedGroupSecrets(entry, { newMember: makeKeyPackageRef(suite, secret.keyPackage.encoded), sealed })
  return encodeWelcome(1, { secrets: [entry.finish()], encryptedGroupInfo })
}

const treeIn = (groupInfo: GroupInfo): RatchetTree =>
  decodeTls(groupInfo.extensions.find(({ type }) => type === extensionType.ratchetTree)?.data as Uint8Array, (reader) =>
    readRatchetTree(reader, suite),
  )

/** A GroupInfo with another tree; its tree hash fits. */
const withTree =
  (change: (tree: RatchetTree) => RatchetTree) =>
  (groupInfo: GroupInfo): GroupInfo => {
    const tree = change(treeIn(groupInfo))
    return {
      ...groupInfo,
      context: groupContext({ ...groupInfo.context, treeHash: rootHash(tree) }),
      extensions: [{ type: extensionType.ratchetTree, data: encodeRatchetTree(tree) }],
    }
  }

const withParent =
  (node: number, change: (parent: ParentNode) => ParentNode) =>
  (tree: RatchetTree): RatchetTree => {
    const draft = new TreeDraft(suite, tree)
    draft.setParent(node, change(tree.nodes[node] as ParentNode))
    return draft.finish().tree
  }

test("RFC 9420 §12.4.3.1: a Welcome opens for its newcomer, who then agrees with the group", () => {
  const invitation = invite()
  assert.equal(welcomeRefs(invitation.welcome).length, 1)
  const { state } = join(env, open(invitation, reseal(invitation, {})))
  assert.equal(toHex(epochAuthenticator(state)), toHex(epochAuthenticator(invitation.inviter.state)))
})

test("RFC 9420 §12.4.3.1: a Welcome for other key packages or another suite is refused", () => {
  const invitation = invite()
  const stranger = newcomer("eve")
  refuses("welcome_not_for_key_package", () =>
    openWelcome(env, { welcome: invitation.welcome, keyPackageSecret: stranger.keyPackage.secret, signer: stranger.signer }),
  )
  const { secrets, encryptedGroupInfo } = parseWelcome(invitation.welcome)
  const entries = secrets.map((entry) => {
    const writer = new TlsWriter()
    writeEncryptedGroupSecrets(writer, entry)
    return writer.finish()
  })
  refuses("welcome_not_for_key_package", () => open(invitation, encodeWelcome(3, { secrets: entries, encryptedGroupInfo })))
  refuses("unsupported_suite", () => open(invitation, encodeWelcome(2 as 1, { secrets: entries, encryptedGroupInfo })))
})

test("RFC 9420 §12.4.3.1: group secrets that do not open, or belong to another GroupInfo, are refused", () => {
  const invitation = invite()
  refuses("welcome_secrets", () => open(invitation, flip(invitation.welcome, -1)))
})

test("RFC 9420 §12.4.3.1: a GroupInfo that does not open with the joiner secret is refused", () => {
  const invitation = invite()
  refuses("group_info_decryption", () =>
    open(invitation, reseal(invitation, { secrets: (secrets) => ({ ...secrets, joiner: flip(secrets.joiner, 0) }) })),
  )
})

test("RFC 9420 §12.4.3: a GroupInfo that its signer did not sign is refused", () => {
  const invitation = invite()
  refuses("group_info_signature", () =>
    open(invitation, reseal(invitation, { resign: false, groupInfo: (info) => ({ ...info, signature: flip(info.signature, 0) }) })),
  )
  refuses("group_info_signature", () => open(invitation, reseal(invitation, { groupInfo: (info) => ({ ...info, signer: 1 }) })))
})

test("RFC 9420 §12.4.3: a GroupInfo of a signer that is not a member is refused", () => {
  const invitation = invite()
  for (const signer of [4, 0xffffffff])
    refuses("group_info_signer", () => open(invitation, reseal(invitation, { groupInfo: (info) => ({ ...info, signer }) })))
})

test("RFC 9420 §12.4.3.1: a GroupInfo of another suite than the key package's is refused", () => {
  const invitation = invite()
  const groupInfo = (info: GroupInfo): GroupInfo => ({ ...info, context: groupContext({ ...info.context, suite: 3 }) })
  refuses("group_info_suite", () => open(invitation, reseal(invitation, { groupInfo })))
})

test("RFC 9420 §12.4.3.3: without a ratchet tree nobody joins; a tree given beside the Welcome serves", () => {
  const invitation = invite()
  const bare = reseal(invitation, { groupInfo: (info) => ({ ...info, extensions: [] }) })
  refuses("no_ratchet_tree", () => open(invitation, bare))
  assert.equal(open(invitation, bare, { ratchetTree: exportRatchetTree(invitation.inviter.state) }).members.length, 4)
})

test("RFC 9420 §12.4.3.3: a tree that ends in a blank node, or holds a leaf in a parent's place, is refused", () => {
  const invitation = invite()
  const bare = reseal(invitation, { groupInfo: (info) => ({ ...info, extensions: [] }) })
  const { tree } = internal(invitation.inviter.state)
  const encode = (nodes: RatchetTree["nodes"]): Uint8Array => encodeRatchetTree({ ...tree, nodes })
  const padded = decodeTls(encodeRatchetTree(tree), (reader) => reader.vector())
  const ending = new TlsWriter().vector(new Uint8Array([...padded, 0])).finish()
  refuses("invalid_value", () => open(invitation, bare, { ratchetTree: ending }))
  refuses("invalid_value", () => open(invitation, bare, { ratchetTree: encode([tree.nodes[1], ...tree.nodes.slice(1)]) }))
  refuses("invalid_value", () => open(invitation, bare, { ratchetTree: encode([tree.nodes[0], tree.nodes[0], ...tree.nodes.slice(2)]) }))
  refuses("invalid_value", () => open(invitation, bare, { ratchetTree: new TlsWriter().vector(new Uint8Array(0)).finish() }))
})

test("RFC 9420 §12.4.3.1: a ratchet tree whose hash is not the GroupInfo's is refused", () => {
  const invitation = invite()
  const groupInfo = (info: GroupInfo): GroupInfo => ({
    ...info,
    context: groupContext({ ...info.context, treeHash: flip(info.context.treeHash, 0) }),
  })
  refuses("tree_hash", () => open(invitation, reseal(invitation, { groupInfo })))
})

test("RFC 9420 §7.9.2: a parent node whose parent hash leads to no leaf below is refused", () => {
  const invitation = invite()
  const { publicKey } = suite.deriveKeyPair(env.crypto.random(32))
  const replaced = withTree(withParent(3, (parent) => ({ ...parent, encryptionKey: publicKey.bytes })))
  refuses("tree_parent_hash", () => open(invitation, reseal(invitation, { groupInfo: replaced })))
})

test("RFC 9420 §7.9.2: parent hashes hold while leaves are unmerged and after the tree grew", () => {
  const parties: Party[] = [...makeGroup(["a", "b", "c", "d", "e"])]
  const [first] = parties as [Party]
  for (const committer of [0, 3, 4, 1]) commitAll(parties, parties[committer] as Party, [])
  for (const name of ["f", "g", "h", "i"]) {
    const guest = newcomer(name)
    const own = commit(env, first.state, { proposals: [add(guest.verified)], signer: first.signer })
    first.state = applyCommit(env, first.state, own.staged).state
    const { tree } = internal(first.state)
    checkRatchetTree(suite, tree)
    const opened = openWelcome(env, { welcome: welcomeOf(own.welcome), keyPackageSecret: guest.keyPackage.secret, signer: guest.signer })
    assert.equal(toHex(epochAuthenticator(join(env, opened).state)), toHex(epochAuthenticator(first.state)))
  }
  const { tree } = internal(first.state)
  assert.ok(tree.nodes.some((node) => node !== undefined && "unmergedLeaves" in node && node.unmergedLeaves.length > 0))
})

test("RFC 9420 §12.4.3.1: unmerged leaves out of order, blank, elsewhere in the tree or missing from a node between are refused", () => {
  const parties: Party[] = [...makeGroup(["a", "b", "c", "d"])]
  const [first] = parties as [Party]
  commitAll(parties, parties[2] as Party, [])
  const { tree } = internal(first.state)
  const check = (node: number, unmergedLeaves: readonly number[]): void =>
    refuses("unmerged_leaves", () => checkRatchetTree(suite, withParent(node, (parent) => ({ ...parent, unmergedLeaves }))(tree)))
  check(3, [2, 2])
  check(3, [1, 0])
  check(3, [4])
  check(3, [0xffffffff])
  // A member, but under another node: it takes both a member and a place below, not either.
  check(5, [0])
  // The node between lists it not.
  check(3, [2])
  const blanked = new TreeDraft(suite, tree)
  blanked.removeLeaf(1)
  blanked.setParent(3, { ...(tree.nodes[3] as ParentNode), unmergedLeaves: [1] })
  refuses("unmerged_leaves", () => checkRatchetTree(suite, blanked.finish().tree))
})

test("RFC 9420 §7.3, §12.4.3.1: a tree in which a key stands twice is refused", () => {
  const [alice] = makeGroup(["alice", "bob"])
  const { tree } = internal(alice.state)
  const copy = treeOfNodes(suite, [tree.nodes[0], tree.nodes[1], tree.nodes[0]])
  refuses("duplicate_encryption_key", () => checkUniqueKeys(copy))
  const leaf = present(tree.nodes[0], "a leaf")
  const { publicKey } = suite.deriveKeyPair(env.crypto.random(32))
  const renamed = treeOfNodes(suite, [tree.nodes[0], undefined, { ...leaf, encryptionKey: publicKey.bytes } as typeof leaf])
  refuses("duplicate_signature_key", () => checkUniqueKeys(renamed))
})

test("RFC 9420 §12.4.3.1: a newcomer whose leaf is not in the tree is refused", () => {
  const invitation = invite()
  const removed = withTree((tree) => {
    const draft = new TreeDraft(suite, tree)
    draft.removeLeaf(3)
    return draft.finish().tree
  })
  refuses("leaf_not_in_tree", () => open(invitation, reseal(invitation, { groupInfo: removed })))
})

test("RFC 9420 §12.4.3.1: a path secret that does not fit the tree is refused", () => {
  const invitation = invite()
  const secrets = (given: GroupSecrets): GroupSecrets => ({ ...given, pathSecret: flip(given.pathSecret as Uint8Array, 0) })
  refuses("path_secret", () => open(invitation, reseal(invitation, { secrets })))
})

test("RFC 9420 §12.4.3.1: a GroupInfo whose confirmation tag does not fit is refused", () => {
  const invitation = invite()
  refuses("confirmation_tag", () =>
    open(invitation, reseal(invitation, { groupInfo: (info) => ({ ...info, confirmationTag: flip(info.confirmationTag, 0) }) })),
  )
})

test("RFC 9420 §13.4: a newcomer refuses a group with an extension it does not support", () => {
  const invitation = invite()
  const groupInfo = (info: GroupInfo): GroupInfo => ({
    ...info,
    context: groupContext({ ...info.context, extensions: [{ type: 0xf0d0, data: new Uint8Array(0) }] }),
  })
  refuses("group_extension_unsupported", () => open(invitation, reseal(invitation, { groupInfo })))
})

const resumption = (usage: "reinit" | "branch", epoch = 1n): PskId => ({
  type: "resumption",
  usage,
  groupId: toUtf8("group") as GroupId,
  epoch,
})

test("RFC 9420 §12.4.3.1: a Welcome with several PSKs of usage reinit or branch, or one that is not held, is refused", () => {
  const invitation = invite()
  const psks = [resumption("reinit"), resumption("branch")].map((id) => ({ id, nonce: new Uint8Array(32) }))
  refuses("welcome_psks", () => open(invitation, reseal(invitation, { secrets: (secrets) => ({ ...secrets, psks }) })))
  refuses("psk_unknown", () => open(invitation, reseal(invitation, { secrets: (secrets) => ({ ...secrets, psks: psks.slice(1) }) })))
  const short = [{ id: resumption("branch"), nonce: new Uint8Array(4) }]
  refuses("psk_nonce", () => open(invitation, reseal(invitation, { secrets: (secrets) => ({ ...secrets, psks: short }) })))
})

/** alice makes a group that continues `old` by a PSK of this usage, and welcomes a guest. */
function continuation(
  alice: Party,
  usage: "reinit" | "branch",
  input: { readonly guest: Newcomer; readonly groupId: string; readonly epochs?: number },
) {
  const psk = { type: "resumption", usage, groupId: alice.state.groupId, epoch: alice.state.epoch } as const
  const created = createGroup(env, { suite: 1, groupId: toUtf8(input.groupId) as GroupId, signer: alice.signer, extensions: [] }).state
  const psks = (): Uint8Array => resumptionPsk(alice.state)
  const own = commit(env, created, { proposals: [add(input.guest.verified), { type: "psk", pskId: psk }], signer: alice.signer, psks })
  return welcomeOf(own.welcome)
}

test("RFC 9420 §11.3: a branch is joined only with members of the group it comes from", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const guest = newcomer("bob")
  const welcome = continuation(alice, "branch", { guest, groupId: "branch" })
  const input = { welcome, keyPackageSecret: guest.keyPackage.secret, signer: guest.signer }
  assert.equal(openWelcome(env, { ...input, resumes: bob.state }).members.length, 2)
  refuses("resumed_group", () => openWelcome(env, { ...input, psks: () => resumptionPsk(bob.state) }))
  const stranger = newcomer("eve")
  const foreign = continuation(alice, "branch", { guest: stranger, groupId: "branch" })
  refuses("resumed_group", () =>
    openWelcome(env, { welcome: foreign, keyPackageSecret: stranger.keyPackage.secret, signer: stranger.signer, resumes: bob.state }),
  )
})

test("RFC 9420 §11.2: a re-initialised group is joined only as the ReInit said it would be", () => {
  const parties = makeGroup(["alice", "bob"])
  const [alice, bob] = parties
  const early = newcomer("bob")
  const unasked = continuation(alice, "reinit", { guest: early, groupId: "next" })
  refuses("resumed_group", () =>
    openWelcome(env, { welcome: unasked, keyPackageSecret: early.keyPackage.secret, signer: early.signer, resumes: bob.state }),
  )
  commitAll(parties, alice, [{ type: "reinit", groupId: toUtf8("next") as GroupId, suite: 1, extensions: [] }])
  const guest = newcomer("bob")
  const input = (welcome: Uint8Array) => ({ welcome, keyPackageSecret: guest.keyPackage.secret, signer: guest.signer, resumes: bob.state })
  assert.equal(openWelcome(env, input(continuation(alice, "reinit", { guest, groupId: "next" }))).members.length, 2)
  refuses("resumed_group", () => openWelcome(env, input(continuation(alice, "reinit", { guest, groupId: "another" }))))
  const closed = internal(bob.state)
  const newer = { ...closed, reinit: closed.reinit && { ...closed.reinit, version: 2 } }
  const next = continuation(alice, "reinit", { guest, groupId: "next" })
  refuses("resumed_group", () => openWelcome(env, { ...input(next), resumes: newer }))
})

test("RFC 9420 §12.4.3.1: nobody joins with a signer that is not the key package's", () => {
  const invitation = invite()
  const signer = generateSigner(env, { suite: 1, identity: toUtf8("dave") })
  refuses("wrong_signer", () => open(invitation, invitation.welcome, { signer }))
})
