// Vectors in which a client joins by Welcome and follows a group: passive-client-*.

import { equal, fromHex } from "@nodoor/bytes"
import { applyCommit, epochAuthenticator, join, openWelcome, process } from "../../src/index.ts"
import type { Environment, PskLookup } from "../../src/api/api.ts"
import { identityOf } from "../../src/codec/credential.ts"
import { signWithLabel, verifyWithLabel } from "../../src/codec/cryptographic-objects.ts"
import { type KeyPackage, encodeKeyPackageSecret } from "../../src/message/key-package.ts"
import { parseMessage } from "../../src/message/mls-message.ts"
import type { SuiteCrypto } from "../../src/provider/provider.ts"
import { suiteOf } from "./suite.ts"
import { type Entry, entries, expect, expectEqual, hex, list } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

export const passiveClient: VectorFormat = {
  name: "passive-client",
  keys: ["initial_epoch_authenticator", "welcome", "epochs"],
  run(entry, crypto) {
    const env: Environment = { crypto, timeMs: 0 }
    const parsed = parseMessage(hex(entry, "key_package"))
    expect(parsed.format === "key_package", "a key package")
    const { keyPackage } = parsed
    checkPrivateKeys(suiteOf(entry, crypto), entry, keyPackage)
    const keyPackageSecret = encodeKeyPackageSecret({
      keyPackage,
      initKey: hex(entry, "init_priv"),
      encryptionKey: hex(entry, "encryption_priv"),
    })
    const { leafNode } = keyPackage
    const signer = { identity: identityOf(leafNode.credential), publicKey: leafNode.signatureKey, privateKey: hex(entry, "signature_priv") }
    const psks = pskLookup(entry)
    const ratchetTree = entry["ratchet_tree"]
    const options = { handshakes: "any", externalCommits: true, externalProposals: true, maxLifetimeS: Infinity } as const
    const joined = openWelcome(env, {
      welcome: hex(entry, "welcome"),
      keyPackageSecret,
      signer,
      psks,
      options,
      ...(typeof ratchetTree === "string" ? { ratchetTree: fromHex(ratchetTree) } : {}),
    })
    let { state } = join(env, joined)
    expectEqual(epochAuthenticator(state), hex(entry, "initial_epoch_authenticator"), "epoch authenticator after joining")
    entries(entry, "epochs").forEach((epoch, i) => {
      for (const proposal of list(epoch, "proposals")) {
        const received = process(env, state, fromHex(proposal as string), { psks })
        expect(received.kind === "proposal", "a proposal")
        state = received.change.state
      }
      const received = process(env, state, hex(epoch, "commit"), { psks })
      expect(received.kind === "commit", "a commit")
      state = applyCommit(env, state, received.staged).state
      expectEqual(epochAuthenticator(state), hex(epoch, "epoch_authenticator"), `epoch authenticator after commit ${i}`)
    })
  },
}

function checkPrivateKeys(suite: SuiteCrypto, entry: Entry, keyPackage: KeyPackage): void {
  const pairs = [
    ["init_priv", keyPackage.initKey],
    ["encryption_priv", keyPackage.leafNode.encryptionKey],
  ] as const
  for (const [name, publicKey] of pairs) {
    const privateKey = suite.importPrivateKey(hex(entry, name))
    expect(privateKey !== undefined && equal(suite.publicKeyOf(privateKey).bytes, publicKey), name)
  }
  const proof = new Uint8Array(1)
  const signature = signWithLabel(suite, hex(entry, "signature_priv"), "test", proof)
  expect(verifyWithLabel(suite, keyPackage.leafNode.signatureKey, "test", proof, signature), "signature_priv")
}

function pskLookup(entry: Entry): PskLookup {
  const known = entries(entry, "external_psks").map((psk) => ({ id: hex(psk, "psk_id"), psk: hex(psk, "psk") }))
  return (id) => (id.type === "external" ? known.find((candidate) => equal(candidate.id, id.id))?.psk : undefined)
}
