// Vectors of RFC 9420 §5, §8 and §9: crypto-basics, key-schedule, psk_secret, secret-tree, transcript-hashes.

import { TlsWriter, decodeTls, equal } from "@nodoor/bytes"
import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptContext,
  encryptInContext,
  expandWithLabel,
  refHash,
  signWithLabel,
  verifyWithLabel,
} from "../../src/codec/cryptographic-objects.ts"
import { readAuthenticatedContent, writeFramedContent } from "../../src/message/framing.ts"
import { groupContext } from "../../src/codec/group-context.ts"
import { epochFromJoiner, exporter, joinerSecret, welcomeSecret } from "../../src/secrets/key-schedule.ts"
import type { SuiteCrypto } from "../../src/provider/provider.ts"
import { senderDataKeys } from "../../src/message/private-message.ts"
import { pskSecret } from "../../src/secrets/psk.ts"
import { type SecretTree, secretTree, takeGeneration } from "../../src/secrets/secret-tree.ts"
import { confirmationTag, confirmedTranscriptHash, interimTranscriptHash } from "../../src/secrets/transcript.ts"
import { suiteOf } from "./suite.ts"
import { type Entry, entries, expect, expectEqual, hex, isEntry, number, object, text } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

export const cryptoBasics: VectorFormat = {
  name: "crypto-basics",
  keys: ["ref_hash", "expand_with_label"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const ref = object(entry, "ref_hash")
    expectEqual(refHash(suite, text(ref, "label"), hex(ref, "value")), hex(ref, "out"), "RefHash")
    const expand = object(entry, "expand_with_label")
    const expanded = expandWithLabel(suite, hex(expand, "secret"), text(expand, "label"), hex(expand, "context"), number(expand, "length"))
    expectEqual(expanded, hex(expand, "out"), "ExpandWithLabel")
    const derive = object(entry, "derive_secret")
    expectEqual(deriveSecret(suite, hex(derive, "secret"), text(derive, "label")), hex(derive, "out"), "DeriveSecret")
    const tree = object(entry, "derive_tree_secret")
    const treeSecret = deriveTreeSecret(suite, hex(tree, "secret"), text(tree, "label"), number(tree, "generation"), number(tree, "length"))
    expectEqual(treeSecret, hex(tree, "out"), "DeriveTreeSecret")
    signWithLabelHolds(suite, object(entry, "sign_with_label"))
    encryptWithLabelHolds(suite, object(entry, "encrypt_with_label"), crypto.random)
  },
}

function signWithLabelHolds(suite: SuiteCrypto, sign: Entry): void {
  const [publicKey, label, content] = [hex(sign, "pub"), text(sign, "label"), hex(sign, "content")]
  expect(verifyWithLabel(suite, publicKey, label, content, hex(sign, "signature")), "VerifyWithLabel of the given signature")
  expect(verifyWithLabel(suite, publicKey, label, content, signWithLabel(suite, hex(sign, "priv"), label, content)), "SignWithLabel")
}

function encryptWithLabelHolds(suite: SuiteCrypto, input: Entry, random: (sizeBytes: number) => Uint8Array): void {
  const privateKey = suite.importPrivateKey(hex(input, "priv"))
  const publicKey = suite.importPublicKey(hex(input, "pub"))
  expect(privateKey !== undefined && publicKey !== undefined, "keys of EncryptWithLabel")
  const [label, context, plaintext] = [text(input, "label"), hex(input, "context"), hex(input, "plaintext")]
  const opened = decryptWithLabel(suite, privateKey, label, context, {
    kemOutput: hex(input, "kem_output"),
    ciphertext: hex(input, "ciphertext"),
  })
  expect(opened !== undefined && equal(opened, plaintext), "DecryptWithLabel of the given ciphertext")
  const again = decryptWithLabel(
    suite,
    privateKey,
    label,
    context,
    encryptInContext(suite, publicKey, encryptContext(label, context), plaintext, random),
  )
  expect(again !== undefined && equal(again, plaintext), "EncryptWithLabel")
}

export const keySchedule: VectorFormat = {
  name: "key-schedule",
  keys: ["initial_init_secret", "group_id", "epochs"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    let init = hex(entry, "initial_init_secret")
    entries(entry, "epochs").forEach((epoch, i) => {
      const context = groupContext({
        suite: suite.id,
        groupId: hex(entry, "group_id"),
        epoch: BigInt(i),
        treeHash: hex(epoch, "tree_hash"),
        confirmedTranscriptHash: hex(epoch, "confirmed_transcript_hash"),
        extensions: [],
      })
      expectEqual(context.encoded, hex(epoch, "group_context"), "GroupContext")
      const joiner = joinerSecret(suite, init, hex(epoch, "commit_secret"), context)
      expectEqual(joiner, hex(epoch, "joiner_secret"), "joiner_secret")
      const psk = hex(epoch, "psk_secret")
      expectEqual(welcomeSecret(suite, joiner, psk), hex(epoch, "welcome_secret"), "welcome_secret")
      const { secrets, encryption, confirmation } = epochFromJoiner(suite, joiner, psk, context)
      const expected: readonly (readonly [string, Uint8Array])[] = [
        ["init_secret", secrets.init],
        ["sender_data_secret", secrets.senderData],
        ["encryption_secret", encryption],
        ["exporter_secret", secrets.exporter],
        ["epoch_authenticator", secrets.authenticator],
        ["external_secret", secrets.external],
        ["confirmation_key", confirmation],
        ["membership_key", secrets.membership],
        ["resumption_psk", secrets.resumption],
        ["external_pub", suite.deriveKeyPair(secrets.external).publicKey.bytes],
      ]
      for (const [key, value] of expected) expectEqual(value, hex(epoch, key), key)
      const given = epoch["exporter"]
      if (isEntry(given)) {
        // The label is a text that happens to look like hexadecimal.
        const input = { label: text(given, "label"), context: hex(given, "context"), lengthBytes: number(given, "length") }
        expectEqual(exporter(suite, secrets.exporter, input), hex(given, "secret"), "exported secret")
      }
      init = secrets.init
    })
  },
}

export const pskSecrets: VectorFormat = {
  name: "psk_secret",
  keys: ["psks", "psk_secret"],
  run(entry, crypto) {
    const psks = entries(entry, "psks").map((psk) => ({
      id: { type: "external", id: hex(psk, "psk_id") } as const,
      nonce: hex(psk, "psk_nonce"),
      secret: hex(psk, "psk"),
    }))
    expectEqual(pskSecret(suiteOf(entry, crypto), psks), hex(entry, "psk_secret"), "psk_secret")
  },
}

export const secretTrees: VectorFormat = {
  name: "secret-tree",
  keys: ["encryption_secret", "sender_data", "leaves"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const senderData = object(entry, "sender_data")
    const keys = senderDataKeys(suite, hex(senderData, "sender_data_secret"), hex(senderData, "ciphertext"))
    expectEqual(keys.key, hex(senderData, "key"), "sender data key")
    expectEqual(keys.nonce, hex(senderData, "nonce"), "sender data nonce")
    const leaves = entry["leaves"] as readonly (readonly Entry[])[]
    let tree: SecretTree = secretTree(0n, leaves.length, hex(entry, "encryption_secret"))
    leaves.forEach((generations, leafIndex) => {
      for (const expected of generations) {
        for (const type of ["handshake", "application"] as const) {
          const taken = takeGeneration(suite, tree, { leafIndex, type, generation: number(expected, "generation"), timeMs: 0 })
          expectEqual(taken.key, hex(expected, `${type}_key`), `${type} key`)
          expectEqual(taken.nonce, hex(expected, `${type}_nonce`), `${type} nonce`)
          tree = taken.tree
        }
      }
    })
  },
}

export const transcriptHashes: VectorFormat = {
  name: "transcript-hashes",
  keys: ["authenticated_content", "interim_transcript_hash_before"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const { wireFormat, framed, auth } = decodeTls(hex(entry, "authenticated_content"), readAuthenticatedContent)
    expect(auth.confirmationTag !== undefined, "the content is not a commit")
    const writer = new TlsWriter()
    writeFramedContent(writer, framed)
    const before = hex(entry, "interim_transcript_hash_before")
    const confirmed = confirmedTranscriptHash(suite, before, { wireFormat, content: writer.finish(), signature: auth.signature })
    expectEqual(confirmed, hex(entry, "confirmed_transcript_hash_after"), "confirmed transcript hash")
    expectEqual(confirmationTag(suite, hex(entry, "confirmation_key"), confirmed), auth.confirmationTag, "confirmation tag")
    expectEqual(
      interimTranscriptHash(suite, confirmed, auth.confirmationTag),
      hex(entry, "interim_transcript_hash_after"),
      "interim transcript hash",
    )
  },
}
