// Vectors of RFC 9420 §2.1, §6 and §12: deserialization, messages, message-protection, welcome.

import { CodecError, TlsReader, TlsWriter, decodeTls, encodeTls, equal } from "@nodoor/bytes"
import { readCommit, writeCommit } from "../../src/message/commit.ts"
import { checkMembershipTag, membershipTag, signContent, verifyContent } from "../../src/message/content-authentication.ts"
import { readExtensions, writeExtensions } from "../../src/codec/extension.ts"
import { type AuthenticatedContent, type Content, encodedContent } from "../../src/message/framing.ts"
import { groupContext } from "../../src/codec/group-context.ts"
import { verifyGroupInfo, writeGroupInfo } from "../../src/message/group-info.ts"
import { openGroupInfo, openGroupSecrets } from "../../src/group/joining.ts"
import { readKeyPackage } from "../../src/message/key-package.ts"
import { epochFromJoiner, zeros } from "../../src/secrets/key-schedule.ts"
import { type LeafNode, readLeafNode, writeLeafNodeContent } from "../../src/tree/leaf-node.ts"
import { type MlsMessage, encodePrivateMessage, encodePublicMessage, parseMessage } from "../../src/message/mls-message.ts"
import { openContent, openSenderData, sealContent } from "../../src/message/private-message.ts"
import { readProposal, writeProposal } from "../../src/message/proposal.ts"
import type { CryptoProvider, SuiteCrypto } from "../../src/provider/provider.ts"
import { readPreSharedKeyId, writePreSharedKeyId } from "../../src/secrets/psk.ts"
import { encodeRatchetTree, readRatchetTree } from "../../src/tree/ratchet-tree-extension.ts"
import { secretTree, takeGeneration } from "../../src/secrets/secret-tree.ts"
import { confirmationTag } from "../../src/secrets/transcript.ts"
import { encodeGroupSecrets, encodeWelcome, parseWelcome, readGroupSecrets, writeEncryptedGroupSecrets } from "../../src/message/welcome.ts"
import { wireFormat } from "../../src/codec/wire-format.ts"
import { suiteOf } from "./suite.ts"
import { type Entry, expect, expectEqual, hex, number, uint64 } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

export const deserialization: VectorFormat = {
  name: "deserialization",
  keys: ["vlbytes_header", "length"],
  run(entry) {
    const header = hex(entry, "vlbytes_header")
    const length = number(entry, "length")
    // The stated length is `length` exactly if it is above every smaller limit, and not above itself.
    if (length > 0) expect(refusal(header, length - 1) === "oversized", "a length above the limit")
    expect(refusal(header, length) === (length === 0 ? undefined : "truncated"), "a length without its bytes")
    if (length > 1 << 20) return
    const encoded = new TlsWriter().vector(new Uint8Array(length)).finish()
    expectEqual(encoded.subarray(0, encoded.length - length), header, "encoded length")
  },
}

function refusal(header: Uint8Array, maxBytes: number): string | undefined {
  try {
    new TlsReader(header).vector(maxBytes)
    return undefined
  } catch (error) {
    return error instanceof CodecError ? error.code : "another error"
  }
}

export const messages: VectorFormat = {
  name: "messages",
  keys: ["mls_welcome", "mls_group_info", "mls_key_package"],
  run(entry, crypto) {
    const suite = crypto.suite(1)
    const same = (key: string, encode: (encoded: Uint8Array) => Uint8Array): void => {
      const encoded = hex(entry, key)
      expectEqual(encode(encoded), encoded, `${key}, decoded and encoded again,`)
    }
    for (const key of [
      "mls_welcome",
      "mls_group_info",
      "mls_key_package",
      "public_message_application",
      "public_message_proposal",
      "public_message_commit",
      "private_message",
    ]) {
      same(key, (encoded) => encodeMessage(parseMessage(encoded)))
    }
    same("ratchet_tree", (encoded) => encodeRatchetTree(decodeTls(encoded, (reader) => readRatchetTree(reader, suite))))
    same("group_secrets", (encoded) => encodeGroupSecrets(decodeTls(encoded, readGroupSecrets)))
    same("add_proposal", (encoded) => {
      const keyPackage = decodeTls(encoded, readKeyPackage)
      const writer = new TlsWriter()
        .u16(keyPackage.version)
        .u16(keyPackage.suite)
        .vector(keyPackage.initKey)
        .raw(encodeLeaf(keyPackage.leafNode))
      writeExtensions(writer, keyPackage.extensions)
      return writer.vector(keyPackage.signature).finish()
    })
    same("update_proposal", (encoded) => encodeLeaf(decodeTls(encoded, readLeafNode)))
    same("pre_shared_key_proposal", (encoded) => encodeTls((writer) => writePreSharedKeyId(writer, decodeTls(encoded, readPreSharedKeyId))))
    same("group_context_extensions_proposal", (encoded) =>
      encodeTls((writer) => writeExtensions(writer, decodeTls(encoded, readExtensions))),
    )
    for (const [key, type] of [
      ["remove_proposal", 3],
      ["re_init_proposal", 5],
      ["external_init_proposal", 6],
    ] as const) {
      same(key, (encoded) => {
        const proposal = decodeTls(new TlsWriter().u16(type).raw(encoded).finish(), readProposal)
        return encodeTls((writer) => writeProposal(writer, proposal)).subarray(2)
      })
    }
    same("commit", (encoded) => encodeTls((writer) => writeCommit(writer, decodeTls(encoded, readCommit))))
  },
}

/** From the fields, not from the bytes that a leaf keeps. */
function encodeLeaf(leaf: LeafNode): Uint8Array {
  const writer = new TlsWriter()
  writeLeafNodeContent(writer, leaf)
  return writer.vector(leaf.signature).finish()
}

function encodeMessage(message: MlsMessage): Uint8Array {
  const header = (format: number): TlsWriter => new TlsWriter().u16(1).u16(format)
  switch (message.format) {
    case "public":
      return encodePublicMessage({
        ...message.message,
        framed: { ...message.message.framed, ...encodedContent(message.message.framed.content) },
      })
    case "private":
      return encodePrivateMessage(message.message)
    case "welcome": {
      const secrets = message.welcome.secrets.map((secret) => encodeTls((writer) => writeEncryptedGroupSecrets(writer, secret)))
      return encodeWelcome(message.welcome.suite as 1, { secrets, encryptedGroupInfo: message.welcome.encryptedGroupInfo })
    }
    case "group_info": {
      const writer = header(wireFormat.groupInfo)
      writeGroupInfo(writer, { ...message.groupInfo, context: groupContext(message.groupInfo.context) })
      return writer.finish()
    }
    case "key_package":
      return header(wireFormat.keyPackage).raw(message.keyPackage.encoded).finish()
  }
}

export const messageProtection: VectorFormat = {
  name: "message-protection",
  keys: ["application_priv", "proposal_pub", "commit_pub"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    for (const type of ["proposal", "commit"] as const) {
      unprotectPrivate(suite, entry, hex(entry, `${type}_priv`), hex(entry, type))
      unprotectPublic(suite, entry, hex(entry, `${type}_pub`), hex(entry, type))
    }
    unprotectPrivate(suite, entry, hex(entry, "application_priv"), hex(entry, "application"))
    protectAgain(suite, entry, crypto)
  },
}

function contextOf(suite: SuiteCrypto, entry: Entry): Uint8Array {
  return groupContext({
    suite: suite.id,
    groupId: hex(entry, "group_id"),
    epoch: uint64(entry, "epoch"),
    treeHash: hex(entry, "tree_hash"),
    confirmedTranscriptHash: hex(entry, "confirmed_transcript_hash"),
    extensions: [],
  }).encoded
}

/** Content without the length that application data carries, as the vectors state it. */
function rawContent(content: Content, body: Uint8Array): Uint8Array {
  return content.type === "application" ? content.data : body
}

function unprotectPrivate(suite: SuiteCrypto, entry: Entry, encoded: Uint8Array, expected: Uint8Array): AuthenticatedContent {
  const parsed = parseMessage(encoded)
  expect(parsed.format === "private", "a private message")
  const senderData = openSenderData(suite, hex(entry, "sender_data_secret"), parsed.message)
  expect(senderData.leafIndex === 1, "the sender")
  const tree = secretTree(parsed.message.epoch, 2, hex(entry, "encryption_secret"))
  const type = parsed.message.contentType === "application" ? "application" : "handshake"
  const key = takeGeneration(suite, tree, { ...senderData, type, timeMs: 0 })
  const content = openContent(suite, parsed.message, senderData, key)
  verifyContent(suite, content, contextOf(suite, entry), hex(entry, "signature_pub"))
  expectEqual(rawContent(content.framed.content, content.framed.body), expected, "content of a private message")
  return content
}

function unprotectPublic(suite: SuiteCrypto, entry: Entry, encoded: Uint8Array, expected: Uint8Array): void {
  const parsed = parseMessage(encoded)
  expect(parsed.format === "public", "a public message")
  const { framed, auth } = parsed.message
  const context = contextOf(suite, entry)
  checkMembershipTag(suite, hex(entry, "membership_key"), wireFormat.publicMessage, parsed.message, context)
  verifyContent(suite, { wireFormat: wireFormat.publicMessage, framed, auth }, context, hex(entry, "signature_pub"))
  expectEqual(framed.body, expected, "content of a public message")
}

/** The same contents, protected by this engine and read again. */
function protectAgain(suite: SuiteCrypto, entry: Entry, crypto: CryptoProvider): void {
  const context = contextOf(suite, entry)
  const contents: readonly Content[] = [
    { type: "application", data: hex(entry, "application") },
    { type: "proposal", proposal: decodeTls(hex(entry, "proposal"), readProposal) },
    { type: "commit", commit: decodeTls(hex(entry, "commit"), readCommit) },
  ]
  for (const content of contents) {
    const framed = {
      groupId: hex(entry, "group_id"),
      epoch: uint64(entry, "epoch"),
      sender: { type: "member", leafIndex: 1 } as const,
      authenticatedData: new Uint8Array(0),
      ...encodedContent(content),
    }
    const tag = content.type === "commit" ? zeros(suite) : undefined
    const sign = (format: number): { readonly signature: Uint8Array; readonly confirmationTag: Uint8Array | undefined } => ({
      signature: signContent(suite, format, framed, context, hex(entry, "signature_priv")),
      confirmationTag: tag,
    })
    const type = content.type === "application" ? "application" : "handshake"
    const key = takeGeneration(suite, secretTree(framed.epoch, 2, hex(entry, "encryption_secret")), {
      leafIndex: 1,
      type,
      generation: 0,
      timeMs: 0,
    })
    const sealed = sealContent(
      suite,
      { wireFormat: wireFormat.privateMessage, framed, auth: sign(wireFormat.privateMessage) },
      {
        senderDataSecret: hex(entry, "sender_data_secret"),
        key,
        senderData: { leafIndex: 1, generation: 0, reuseGuard: crypto.random(4) },
        paddingBytes: 7,
      },
    )
    unprotectPrivate(suite, entry, encodePrivateMessage(sealed), rawContent(content, framed.body))
    if (content.type === "application") continue
    const auth = sign(wireFormat.publicMessage)
    const membership = membershipTag(suite, hex(entry, "membership_key"), wireFormat.publicMessage, framed, auth, context)
    unprotectPublic(suite, entry, encodePublicMessage({ framed, auth, membershipTag: membership }), framed.body)
  }
}

export const welcomes: VectorFormat = {
  name: "welcome",
  keys: ["init_priv", "signer_pub", "welcome"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const parsed = parseMessage(hex(entry, "key_package"))
    expect(parsed.format === "key_package", "a key package")
    const welcome = parseWelcome(hex(entry, "welcome"))
    expect(welcome.suite === suite.id, "cipher suite of the Welcome")
    const initKey = hex(entry, "init_priv")
    const secrets = openGroupSecrets(suite, welcome, { keyPackage: parsed.keyPackage, initKey, encryptionKey: initKey })
    expect(secrets.psks.length === 0, "no pre-shared keys")
    const groupInfo = openGroupInfo(suite, welcome, secrets.joiner, zeros(suite))
    expect(verifyGroupInfo(suite, groupInfo, hex(entry, "signer_pub")), "signature of the GroupInfo")
    const { confirmation } = epochFromJoiner(suite, secrets.joiner, zeros(suite), groupInfo.context)
    const tag = confirmationTag(suite, confirmation, groupInfo.context.confirmedTranscriptHash)
    expect(equal(tag, groupInfo.confirmationTag), "confirmation tag of the GroupInfo")
  },
}
