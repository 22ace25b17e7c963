// Bytes that only somebody without the group's secrets would send: handshakes in the clear, commits of a group of the same name.

import { TlsReader, encodeCbor, encodeTls } from "@nodoor/bytes"
import {
  type Extension,
  type GroupId,
  type GroupState,
  applyCommit,
  commit,
  createGroup,
  generateSigner,
  parseKeyPackage,
} from "@nodoor/mls"
import type { Ghost } from "./ghost.ts"
import { policyExtensionType, suite } from "./leaf.ts"

/** A policy as the client writes it (docs/protocol.md, "Groups"). */
export function policyExtension(policy: {
  readonly kind: "dm" | "group" | "self"
  readonly name: string
  readonly admins: readonly Uint8Array[]
  readonly rules?: { readonly [Rule in "add" | "rename" | "post"]: "admins" | "everyone" }
}): Extension {
  const { kind, name, admins, rules = { add: "admins", rename: "admins", post: "everyone" } } = policy
  const roles = admins.toSorted(Buffer.compare).map((accountId) => [accountId, "admin"])
  return { type: policyExtensionType, data: encodeCbor({ version: 1, kind, name, picture: null, roles, rules, expiry: null }) }
}

/** A commit that adds the ghost, by somebody who has the group's id and epoch and none of its secrets. */
export function pretendedAdd(ghost: Ghost, target: { readonly groupId: Uint8Array; readonly epoch: bigint }): Uint8Array {
  const { env } = ghost
  const signer = generateSigner(env, { suite, identity: ghost.signer.identity })
  let state: GroupState = createGroup(env, { suite, groupId: target.groupId as GroupId, signer, extensions: [] }).state
  while (state.epoch < target.epoch) {
    const { staged } = commit(env, state, { proposals: [], signer, forcePath: true })
    state = applyCommit(env, state, staged).state
  }
  const keyPackage = parseKeyPackage(env, ghost.keyPackage().message)
  return commit(env, state, { proposals: [{ type: "add", keyPackage }], signer }).message
}

type Sender = "external" | "new_member_commit" | "member"
const senderTypes = { member: 1, external: 2, new_member_commit: 4 } as const

/** RFC 9420 §6.2: a PublicMessage with this content, signed with a key that is nobody's. */
function publicMessage(
  target: { readonly groupId: Uint8Array; readonly epoch: bigint },
  message: { readonly sender: Sender; readonly contentType: 1 | 2 | 3; readonly body: Uint8Array },
): Uint8Array {
  const { sender, contentType, body } = message
  return encodeTls((w) => {
    w.u16(1).u16(1) // mls10, mls_public_message
    w.vector(target.groupId).u64(target.epoch).u8(senderTypes[sender])
    if (sender !== "new_member_commit") w.u32(0)
    w.vector(new Uint8Array()).u8(contentType).raw(body).vector(new Uint8Array(64))
    if (contentType === 3) w.vector(new Uint8Array(32))
    if (sender === "member") w.vector(new Uint8Array(32))
  })
}

/** Words in the clear, as if a member had sent them without encryption. */
export function publicApplication(target: { readonly groupId: Uint8Array; readonly epoch: bigint }, words: string): Uint8Array {
  return publicMessage(target, { sender: "member", contentType: 1, body: encodeTls((w) => w.vector(Buffer.from(words))) })
}

/** An Add of the ghost by an external sender (RFC 9420 §12.1.8.1). */
export function externalAdd(ghost: Ghost, target: { readonly groupId: Uint8Array; readonly epoch: bigint }): Uint8Array {
  const keyPackage = ghost.keyPackage().message.subarray(4) // after the MLSMessage header
  return publicMessage(target, { sender: "external", contentType: 2, body: encodeTls((w) => w.u16(1).raw(keyPackage)) })
}

/** An external commit by which the ghost lets itself in (RFC 9420 §12.4.3.2). */
export function externalCommit(ghost: Ghost, target: { readonly groupId: Uint8Array; readonly epoch: bigint }): Uint8Array {
  const leaf = leafOf(ghost.keyPackage().message)
  const body = encodeTls((w) => {
    w.list([new Uint8Array(1120)], (inner, kemOutput) => inner.u8(1).u16(6).vector(kemOutput)) // ExternalInit by value
    w.u8(1).raw(leaf).vector(new Uint8Array()) // UpdatePath without nodes
  })
  return publicMessage(target, { sender: "new_member_commit", contentType: 3, body })
}

/** The LeafNode inside a KeyPackage message (RFC 9420 §7.2 and §10): after the init key, up to its signature. */
function leafOf(message: Uint8Array): Uint8Array {
  const reader = new TlsReader(message)
  const vectors = (count: number): void => {
    for (let i = 0; i < count; i++) reader.vector(2_000)
  }
  reader.raw(8)
  vectors(1)
  const start = reader.offset
  vectors(2) // encryption and signature key
  reader.raw(2)
  vectors(1 + 5) // identity of the credential, capabilities
  reader.raw(1 + 16) // source and lifetime
  vectors(2) // extensions, signature
  return message.subarray(start, reader.offset)
}
