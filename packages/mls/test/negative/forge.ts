// Messages that no honest member would send, for the tests of every rule: built from the engine's parts, without its checks.

import assert from "node:assert/strict"
import { concat, present, toUtf8 } from "@nodoor/bytes"
import type {
  Environment,
  GroupOptions,
  GroupState,
  NewKeyPackage,
  ProposalInput,
  Signer,
  StagedCommit,
  VerifiedKeyPackage,
} from "../../src/api/api.ts"
import { type ApplicationTypes, mls10, ownCapabilities } from "../../src/codec/capabilities.ts"
import type { ProposalOrRef } from "../../src/message/commit.ts"
import type { UpdatePath } from "../../src/tree/update-path.ts"
import { membershipTag, ownContent, signContent } from "../../src/message/content-authentication.ts"
import { basicCredential } from "../../src/codec/credential.ts"
import { empty, signWithLabel } from "../../src/codec/cryptographic-objects.ts"
import { concludeCommit, externalInitLabel, provisionalContext } from "../../src/group/epoch-change.ts"
import {
  type AuthData,
  type Content,
  type FramedContent,
  type Sender,
  encodedContent,
  writeFramedContent,
} from "../../src/message/framing.ts"
import type { GroupContext } from "../../src/codec/group-context.ts"
import { internal } from "../../src/group/group-state.ts"
import {
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  generateKeyPackage,
  generateSigner,
  join,
  openWelcome,
  parseKeyPackage,
  process,
} from "../../src/index.ts"
import { type KeyPackage, encodeKeyPackageMessage, encodeKeyPackageSecret, readKeyPackage } from "../../src/message/key-package.ts"
import { zeros } from "../../src/secrets/key-schedule.ts"
import { type LeafNode, type LeafNodeContent, type LeafPlace, signLeafNode } from "../../src/tree/leaf-node.ts"
import { encodePublicMessage } from "../../src/message/mls-message.ts"
import { sealOwn } from "../../src/group/own-message.ts"
import { applyProposals } from "../../src/group/proposal-application.ts"
import type { Proposal } from "../../src/message/proposal.ts"
import { nodeProvider } from "../../src/provider/node.ts"
import type { CipherSuiteId, SuiteCrypto } from "../../src/provider/provider.ts"
import { lookUpPskSecret } from "../../src/secrets/psk.ts"
import { TreeDraft, leafAt, rootHash } from "../../src/tree/ratchet-tree.ts"
import { createPath } from "../../src/tree/tree-kem.ts"
import { wireFormat } from "../../src/codec/wire-format.ts"
import { TlsWriter, decodeTls } from "@nodoor/bytes"
import { writeExtensions } from "../../src/codec/extension.ts"
import type { Extension, GroupId } from "../../src/api/api.ts"

export const env: Environment = { crypto: nodeProvider, timeMs: 1_700_000_000_000 }
export const suite: SuiteCrypto = nodeProvider.suite(1)
export const nowS: bigint = BigInt(env.timeMs / 1000)

export interface Party {
  readonly name: string
  readonly signer: Signer
  state: GroupState
}

export interface Newcomer {
  readonly signer: Signer
  readonly keyPackage: NewKeyPackage
  readonly verified: VerifiedKeyPackage
}

export function newcomer(name: string, suiteId: CipherSuiteId = 1, application: ApplicationTypes = {}): Newcomer {
  const signer = generateSigner(env, { suite: suiteId, identity: toUtf8(name) })
  const keyPackage = generateKeyPackage(env, { suite: suiteId, signer, lifetimeS: 86_400, lastResort: false, ...application })
  return { signer, keyPackage, verified: parseKeyPackage(env, keyPackage.message) }
}

export interface GroupInput extends ApplicationTypes {
  readonly groupId?: string
  readonly extensions?: readonly Extension[]
  readonly options?: GroupOptions
}

/** A group of these members; the first made it and added the others in one commit. */
export function makeGroup<const Names extends readonly string[]>(names: Names, input: GroupInput = {}): { [I in keyof Names]: Party } {
  const [first = "", ...others] = names
  const signer = generateSigner(env, { suite: 1, identity: toUtf8(first) })
  const { options = {}, extensions = [], extensionTypes = [], proposalTypes = [] } = input
  const application = { extensionTypes, proposalTypes }
  const groupId = toUtf8(input.groupId ?? "group") as GroupId
  const creator: Party = {
    name: first,
    signer,
    state: createGroup(env, { suite: 1, groupId, signer, extensions, ...application, options }).state,
  }
  if (others.length === 0) return [creator] as unknown as { [I in keyof Names]: Party }
  const people = others.map((name) => newcomer(name, 1, application))
  const { staged, welcome } = commit(env, creator.state, {
    proposals: people.map(({ verified }) => add(verified)),
    signer,
    forcePath: true,
  })
  creator.state = applyCommit(env, creator.state, staged).state
  const message = welcomeOf(welcome)
  const joined = people.map((person, i): Party => {
    const opened = openWelcome(env, { welcome: message, keyPackageSecret: person.keyPackage.secret, signer: person.signer, options })
    return { name: others[i] as string, signer: person.signer, state: join(env, opened).state }
  })
  return [creator, ...joined] as unknown as { [I in keyof Names]: Party }
}

export function add(keyPackage: VerifiedKeyPackage): ProposalInput {
  return { type: "add", keyPackage }
}

export function welcomeOf(parts: ReturnType<typeof commit>["welcome"]): Uint8Array {
  const { secrets, encryptedGroupInfo } = present(parts, "a Welcome")
  return encodeWelcome(1, { secrets: secrets.map(({ encrypted }) => encrypted), encryptedGroupInfo })
}

/** Everybody but the committer processes and applies; the committer applies its own. */
export function commitAll(parties: readonly Party[], committer: Party, proposals: readonly ProposalInput[]): ReturnType<typeof commit> {
  const own = commit(env, committer.state, { proposals, signer: committer.signer, forcePath: true })
  for (const party of parties)
    party.state = party === committer ? applyCommit(env, party.state, own.staged).state : receive(party, own.message)
  return own
}

export function staged(party: Party, message: Uint8Array): StagedCommit {
  const result = process(env, party.state, message)
  if (result.kind !== "commit") throw new TypeError("not a commit")
  return result.staged
}

function receive(party: Party, message: Uint8Array): GroupState {
  return applyCommit(env, party.state, staged(party, message)).state
}

export interface ForgedFrame {
  readonly sender?: Sender
  readonly groupId?: Uint8Array
  readonly epoch?: bigint
  readonly wire?: "public" | "private"
  /** Key the frame is signed with, when not the signer's. */
  readonly signWith?: Uint8Array
  readonly tamperAuth?: (auth: AuthData) => AuthData
  readonly tamperMembershipTag?: (tag: Uint8Array) => Uint8Array
}

/** Signs and seals any content as any sender, with the party's next key. `makeAuth` gives the tag of a commit. */
export function forgeMessage(
  from: Party,
  content: Content,
  frame: ForgedFrame = {},
  makeTag?: (framed: FramedContent, signature: Uint8Array) => Uint8Array,
): Uint8Array {
  const group = internal(from.state)
  const format = frame.wire === "public" ? wireFormat.publicMessage : wireFormat.privateMessage
  const framed: FramedContent = {
    groupId: frame.groupId ?? group.groupId,
    epoch: frame.epoch ?? group.epoch,
    sender: frame.sender ?? { type: "member", leafIndex: group.ownLeafIndex },
    authenticatedData: empty,
    ...encodedContent(content),
  }
  const signature = signContent(suite, format, framed, group.context.encoded, frame.signWith ?? from.signer.privateKey)
  const untampered = { signature, confirmationTag: makeTag?.(framed, signature) ?? (content.type === "commit" ? zeros(suite) : undefined) }
  const auth = frame.tamperAuth?.(untampered) ?? untampered
  if (format === wireFormat.privateMessage) {
    const { message, change } = sealOwn(env, group, ownContent({ wireFormat: format, framed, auth }))
    from.state = change.state
    return message
  }
  const tag =
    framed.sender.type === "member"
      ? membershipTag(suite, group.secrets.membership, format, framed, auth, group.context.encoded)
      : undefined
  return encodePublicMessage({ framed, auth, membershipTag: tag && (frame.tamperMembershipTag?.(tag) ?? tag) })
}

export interface ForgedCommit extends ForgedFrame {
  /** Proposals by value. */
  readonly proposals?: readonly Proposal[]
  /** What the commit carries instead of the proposals by value. */
  readonly refs?: readonly ProposalOrRef[]
  readonly path?: boolean
  /** Changes the finished path; what follows from the tree stays that of the honest one. */
  readonly tamperPath?: (path: UpdatePath, context: GroupContext) => UpdatePath
}

/** A commit of these proposals, whatever the rules say; consistent otherwise, with a valid confirmation tag. */
export function forgeCommit(from: Party, input: ForgedCommit): Uint8Array {
  const group = internal(from.state)
  const sender = { type: "member", leafIndex: group.ownLeafIndex } as const
  const list = (input.proposals ?? []).map((proposal) => ({ proposal, sender, ownLeafKey: undefined }))
  const draft = new TreeDraft(suite, group.tree)
  const applied = applyProposals(draft, list, group.context.extensions)
  const place = { groupId: group.groupId, leafIndex: group.ownLeafIndex }
  const leaf = present(leafAt(group.tree, group.ownLeafIndex), "the forger's leaf")
  const path =
    input.path === false
      ? undefined
      : createPath(suite, draft, env.crypto.random, { ...place, content: leaf, signatureKey: from.signer.privateKey })
  const { tree } = draft.finish()
  const provisional = provisionalContext(group, rootHash(tree), applied)
  const sealed = path?.seal(provisional, new Set(applied.added), env.crypto.random)
  const commitContent = {
    proposals: input.refs ?? list.map(({ proposal }) => ({ type: "proposal", proposal }) as const),
    path: sealed && (input.tamperPath?.(sealed, provisional) ?? sealed),
  }
  return forgeMessage(from, { type: "commit", commit: commitContent }, input, (framed, signature) => {
    const writer = new TlsWriter()
    writeFramedContent(writer, framed)
    const format = input.wire === "public" ? wireFormat.publicMessage : wireFormat.privateMessage
    const transcript = { wireFormat: format, content: writer.finish(), signature }
    const conclusion = {
      tree,
      provisional,
      applied,
      path,
      initSecret: group.secrets.init,
      pskSecret: lookUpPskSecret(suite, applied.psks, () => zeros(suite)),
      transcript,
    }
    return concludeCommit(suite, group, conclusion).confirmationTag
  })
}

export interface ForgedExternalCommit {
  readonly identity: string
  /** Proposals beside the ExternalInit. */
  readonly proposals?: readonly Proposal[]
  readonly refs?: readonly ProposalOrRef[]
  readonly withoutInit?: boolean
  readonly path?: boolean
}

/** An outsider joins the group of `view` by external commit, RFC 9420 §12.4.3.2. */
export function forgeExternalCommit(view: Party, input: ForgedExternalCommit): Uint8Array {
  const group = internal(view.state)
  const signer = generateSigner(env, { suite: 1, identity: toUtf8(input.identity) })
  const { publicKey } = suite.deriveKeyPair(group.secrets.external)
  const init = suite.hpkeExportTo(publicKey, empty, externalInitLabel, suite.hashBytes, env.crypto.random)
  const sender = { type: "new_member_commit" } as const
  const proposals: readonly Proposal[] = [
    ...(input.withoutInit ? [] : [{ type: "external_init", kemOutput: init.kemOutput } as const]),
    ...(input.proposals ?? []),
  ]
  const draft = new TreeDraft(suite, group.tree)
  const applied = applyProposals(
    draft,
    proposals.filter(({ type }) => type !== "update").map((proposal) => ({ proposal, sender, ownLeafKey: undefined })),
    group.context.extensions,
  )
  const leafIndex = draft.reserveLeaf()
  const content = {
    signatureKey: signer.publicKey,
    credential: basicCredential(signer.identity),
    capabilities: ownCapabilities(1, {}, 0x0a0a),
    extensions: [],
  }
  const path = createPath(suite, draft, env.crypto.random, { groupId: group.groupId, leafIndex, content, signatureKey: signer.privateKey })
  const { tree } = draft.finish()
  const provisional = provisionalContext(group, rootHash(tree), applied)
  const sealed = path.seal(provisional, new Set(), env.crypto.random)
  const commitContent = {
    proposals: input.refs ?? proposals.map((proposal) => ({ type: "proposal", proposal }) as const),
    path: input.path === false ? undefined : sealed,
  }
  return forgeMessage({ ...view, signer }, { type: "commit", commit: commitContent }, { sender, wire: "public" }, (framed, signature) => {
    const writer = new TlsWriter()
    writeFramedContent(writer, framed)
    const transcript = { wireFormat: wireFormat.publicMessage, content: writer.finish(), signature }
    return concludeCommit(suite, group, { tree, provisional, applied, path, initSecret: init.secret, pskSecret: zeros(suite), transcript })
      .confirmationTag
  })
}

export interface ForgedKeyPackage {
  readonly name?: string
  readonly signer?: Signer
  readonly leaf?: Partial<LeafNodeContent>
  readonly suiteId?: number
  readonly version?: number
  readonly extensions?: readonly Extension[]
  /** Uses the leaf's key as init key. */
  readonly oneKey?: boolean
  readonly initKey?: Uint8Array
  readonly signLeafWith?: Uint8Array
  readonly signWith?: Uint8Array
}

/** A KeyPackage with any fields, signed properly unless asked otherwise; with its secret. */
export function forgeKeyPackage(input: ForgedKeyPackage): {
  readonly keyPackage: KeyPackage
  readonly message: Uint8Array
  readonly secret: Uint8Array
  readonly signer: Signer
} {
  const signer = input.signer ?? generateSigner(env, { suite: 1, identity: toUtf8(input.name ?? "mallory") })
  const encryption = suite.deriveKeyPair(env.crypto.random(32))
  const init = suite.deriveKeyPair(env.crypto.random(32))
  const content: LeafNodeContent = {
    encryptionKey: encryption.publicKey.bytes,
    signatureKey: signer.publicKey,
    credential: basicCredential(signer.identity),
    capabilities: ownCapabilities(1, {}, 0x0a0a),
    source: { type: "key_package", lifetime: { notBeforeS: nowS, notAfterS: nowS + 1000n } },
    extensions: [],
    ...input.leaf,
  }
  const leaf = signLeafNode(suite, content, input.signLeafWith ?? signer.privateKey, { groupId: empty, leafIndex: 0 })
  const initKey = input.oneKey ? content.encryptionKey : (input.initKey ?? init.publicKey.bytes)
  const writer = new TlsWriter()
    .u16(input.version ?? mls10)
    .u16(input.suiteId ?? 1)
    .vector(initKey)
    .raw(leaf.encoded)
  writeExtensions(writer, input.extensions ?? [])
  const tbs = writer.finish()
  const signature = signWithLabel(suite, input.signWith ?? signer.privateKey, "KeyPackageTBS", tbs)
  const keyPackage = decodeTls(concat(tbs, new TlsWriter().vector(signature).finish()), readKeyPackage)
  const secret = encodeKeyPackageSecret({ keyPackage, initKey: init.privateKey.bytes, encryptionKey: encryption.privateKey.bytes })
  return { keyPackage, message: encodeKeyPackageMessage(keyPackage.encoded), secret, signer }
}

/** A leaf like another one but for these fields, signed again. */
export function resigned(leaf: LeafNode, changes: Partial<LeafNodeContent>, privateKey: Uint8Array, place: LeafPlace): LeafNode {
  return signLeafNode(suite, { ...leaf, ...changes }, privateKey, place)
}

/** A copy with one bit of byte `at` (from the end, when negative) flipped. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  const index = at < 0 ? copy.length + at : at
  copy[index] = (copy[index] as number) ^ 1
  return copy
}

/** Everybody but the sender keeps a proposal by reference; gives the reference. */
export function distribute(from: Party, parties: readonly Party[], proposal: Proposal): Uint8Array {
  const message = forgeMessage(from, { type: "proposal", proposal })
  let ref: Uint8Array | undefined
  for (const party of parties) {
    if (party === from) continue
    const received = process(env, party.state, message)
    assert.equal(received.kind, "proposal")
    party.state = received.change.state
    ref = [...internal(party.state).proposals.values()].at(-1)?.ref
  }
  assert.ok(ref)
  return ref
}
