import { strict as assert } from "node:assert"
import { toHex, toUtf8 } from "@nodoor/bytes"
import * as ts from "ts-mls"
import type { CipherSuiteId } from "../../../src/provider/provider.ts"
import { nodeProvider } from "../../../src/provider/node.ts"

const daySeconds = 24n * 60n * 60n
/** ts-mls takes no clock, it reads the machine's; so do the others of its groups. */
export const realTimeMs: number = Date.now()
const nowSeconds = BigInt(Math.floor(realTimeMs / 1000))

/** The suite as ts-mls does it by itself; for suite 3, whose HPKE needs a package we don't have, over our provider's primitives. */
export async function tsMlsSuite(id: CipherSuiteId): Promise<ts.CiphersuiteImpl> {
  const one = await ts.getCiphersuiteImpl(ts.getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"))
  if (id === 1) return one
  assert.equal(id, 3)
  return { ...one, hpke: hpkeOfSuite3(), name: "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519" }
}

type Keys = { readonly bytes: Uint8Array }

function hpkeOfSuite3(): ts.Hpke {
  const suite = nodeProvider.suite(3)
  const { random } = nodeProvider
  // ts-mls hands its keys around as CryptoKey and never looks inside; ours travel in their place.
  const hidden = <T>(key: Keys | undefined): T => {
    assert.ok(key !== undefined)
    return key as unknown as T
  }
  const shown = (key: unknown): Keys => key as Keys
  const none = new Uint8Array(0)
  const there = (value: Uint8Array | undefined): Uint8Array => {
    assert.ok(value !== undefined, "it opens")
    return value
  }
  return {
    keyLength: suite.keyBytes,
    nonceLength: suite.nonceBytes,
    open: async (key, kemOutput, ciphertext, info, aad = none) => there(suite.hpkeOpen(shown(key), kemOutput, info, aad, ciphertext)),
    seal: async (key, plaintext, info, aad = none) => {
      const { kemOutput, ciphertext } = suite.hpkeSeal(shown(key), info, aad, plaintext, random)
      return { enc: kemOutput, ct: ciphertext }
    },
    importPrivateKey: async (raw) => hidden(suite.importPrivateKey(raw)),
    importPublicKey: async (raw) => hidden(suite.importPublicKey(raw)),
    exportPublicKey: async (key) => shown(key).bytes,
    exportPrivateKey: async (key) => shown(key).bytes,
    encryptAead: async (key, nonce, aad = none, plaintext) => suite.seal(key, nonce, aad, plaintext),
    decryptAead: async (key, nonce, aad = none, ciphertext) => there(suite.open(key, nonce, aad, ciphertext)),
    exportSecret: async (key, context, length, info) => {
      const { kemOutput, secret } = suite.hpkeExportTo(shown(key), info, context, length, random)
      return { enc: kemOutput, secret }
    },
    importSecret: async (key, context, kemOutput, length, info) =>
      there(suite.hpkeExportFrom(shown(key), kemOutput, info, context, length)),
    deriveKeyPair: async (ikm) => {
      const { publicKey, privateKey } = suite.deriveKeyPair(ikm)
      return { publicKey: hidden(publicKey), privateKey: hidden(privateKey) }
    },
    generateKeyPair: async () => {
      const { publicKey, privateKey } = suite.deriveKeyPair(random(32))
      return { publicKey: hidden(publicKey), privateKey: hidden(privateKey) }
    },
  }
}

type KeyPackagePair = Awaited<ReturnType<typeof ts.generateKeyPackage>>

/** A member of a group that runs ts-mls. Everything that crosses to others is bytes. */
export class TsMlsMember {
  readonly name: string
  readonly #impl: ts.CiphersuiteImpl
  #keyPackage: KeyPackagePair | undefined
  #state: ts.ClientState | undefined

  constructor(name: string, impl: ts.CiphersuiteImpl) {
    this.name = name
    this.#impl = impl
  }

  get state(): ts.ClientState {
    assert.ok(this.#state !== undefined)
    return this.#state
  }

  get leafIndex(): number {
    return this.state.privatePath.leafIndex
  }

  async view(): Promise<string> {
    const { keySchedule, groupContext } = this.state
    const exported = await ts.mlsExporter(keySchedule.exporterSecret, "proof", toUtf8("view"), 16, this.#impl)
    return [groupContext.epoch, toHex(keySchedule.epochAuthenticator), toHex(groupContext.treeHash), toHex(exported)].join(" ")
  }

  async newKeyPackage(): Promise<Uint8Array> {
    const capabilities = { ...ts.defaultCapabilities(), ciphersuites: [this.#impl.name] }
    const lifetime = { notBefore: nowSeconds - daySeconds / 24n, notAfter: nowSeconds + 28n * daySeconds }
    const credential = { credentialType: "basic" as const, identity: toUtf8(this.name) }
    this.#keyPackage = await ts.generateKeyPackage(credential, capabilities, lifetime, [], this.#impl)
    return ts.encodeMlsMessage({ keyPackage: this.#keyPackage.publicPackage, wireformat: "mls_key_package", version: "mls10" })
  }

  async create(groupId: string): Promise<void> {
    await this.newKeyPackage()
    const pair = this.#takeKeyPackage()
    this.#state = await ts.createGroup(toUtf8(groupId), pair.publicPackage, pair.privatePackage, [], this.#impl)
  }

  async join(welcome: Uint8Array): Promise<void> {
    const message = decode(welcome)
    assert.equal(message.wireformat, "mls_welcome")
    const pair = this.#takeKeyPackage()
    this.#state = await ts.joinGroup(message.welcome, pair.publicPackage, pair.privatePackage, ts.emptyPskIndex, this.#impl)
  }

  async commit(input: {
    readonly add: readonly Uint8Array[]
    readonly remove: readonly number[]
  }): Promise<{ readonly commit: Uint8Array; readonly welcome: Uint8Array | undefined }> {
    const extraProposals: ts.Proposal[] = []
    for (const bytes of input.add) {
      const message = decode(bytes)
      assert.equal(message.wireformat, "mls_key_package")
      extraProposals.push({ proposalType: "add", add: { keyPackage: message.keyPackage } })
    }
    for (const removed of input.remove) extraProposals.push({ proposalType: "remove", remove: { removed } })
    const result = await ts.createCommit({ state: this.state, cipherSuite: this.#impl }, { extraProposals, ratchetTreeExtension: true })
    this.#state = result.newState
    return {
      commit: ts.encodeMlsMessage(result.commit),
      welcome: result.welcome && ts.encodeMlsMessage({ welcome: result.welcome, wireformat: "mls_welcome", version: "mls10" }),
    }
  }

  async propose(proposal: ts.Proposal): Promise<Uint8Array> {
    const result = await ts.createProposal(this.state, false, proposal, this.#impl)
    this.#state = result.newState
    return ts.encodeMlsMessage(result.message)
  }

  async send(plaintext: Uint8Array): Promise<Uint8Array> {
    const result = await ts.createApplicationMessage(this.state, plaintext, this.#impl)
    this.#state = result.newState
    return ts.encodeMlsMessage({ privateMessage: result.privateMessage, wireformat: "mls_private_message", version: "mls10" })
  }

  /** The plaintext of an application message; undefined for a proposal or commit, which is applied. Throws what it refuses. */
  async receive(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const message = decode(bytes)
    assert.ok(message.wireformat === "mls_private_message" || message.wireformat === "mls_public_message")
    const result = await ts.processMessage(message, this.state, ts.emptyPskIndex, ts.acceptAll, this.#impl)
    this.#state = result.newState
    return result.kind === "applicationMessage" ? result.message : undefined
  }

  /** Whether ts-mls refuses the bytes, whatever it throws; nothing of the state changes. */
  async refuses(bytes: Uint8Array): Promise<boolean> {
    const before = this.#state
    try {
      await this.receive(bytes)
      return false
    } catch {
      return true
    } finally {
      this.#state = before
    }
  }

  #takeKeyPackage(): KeyPackagePair {
    assert.ok(this.#keyPackage !== undefined)
    return this.#keyPackage
  }
}

function decode(bytes: Uint8Array): ts.MLSMessage {
  const decoded = ts.decodeMlsMessage(bytes, 0)
  assert.ok(decoded !== undefined, "ts-mls decodes the message")
  return decoded[0]
}
