// ts-mls 1.6.4 with its default provider (WebCrypto and noble).

import type { CryptoProvider } from "@nodoor/mls"
import * as ts from "ts-mls"
import { type Adder, type Contender, type Prepared, fillingLeaves, plaintext64 } from "./contender.ts"
import { type Guest, guest } from "./ours.ts"

const utf8 = new TextEncoder()

/** `crypto` is for the guests that fill trees, not for ts-mls. */
export async function tsMls(crypto: CryptoProvider, timeMs: number): Promise<Contender & Adder> {
  const impl = await ts.getCiphersuiteImpl(ts.getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"))
  const nowS = BigInt(Math.floor(timeMs / 1000))
  type Pair = Awaited<ReturnType<typeof ts.generateKeyPackage>>

  async function person(i: number): Promise<Pair> {
    const lifetime = { notBefore: nowS - 3600n, notAfter: nowS + 28n * 24n * 3600n }
    const credential = { credentialType: "basic" as const, identity: utf8.encode(`member ${i}`) }
    const capabilities = { ...ts.defaultCapabilities(), ciphersuites: [impl.name] }
    return ts.generateKeyPackage(credential, capabilities, lifetime, [], impl)
  }

  async function people(count: number): Promise<Pair[]> {
    const made: Pair[] = []
    for (let i = 0; i < count; i++) made.push(await person(i))
    return made
  }

  const create = (founder: Pair): Promise<ts.ClientState> =>
    ts.createGroup(utf8.encode("bench"), founder.publicPackage, founder.privatePackage, [], impl)
  const add = (pair: Pair): ts.Proposal => ({ proposalType: "add", add: { keyPackage: pair.publicPackage } })
  const commit = (state: ts.ClientState, extraProposals: ts.Proposal[]): Promise<ts.CreateCommitResult> =>
    ts.createCommit({ state, cipherSuite: impl }, { extraProposals, ratchetTreeExtension: true })
  const joined = (welcome: ts.Welcome, who: Pair): Promise<ts.ClientState> =>
    ts.joinGroup(welcome, who.publicPackage, who.privatePackage, ts.emptyPskIndex, impl)

  function parsed(message: Uint8Array): ts.KeyPackage {
    const decoded = ts.decodeMlsMessage(message, 0)?.[0]
    if (decoded?.wireformat !== "mls_key_package") throw new Error("a key package")
    return decoded.keyPackage
  }

  /** From bytes, as it comes from the network. */
  async function receive(state: ts.ClientState, message: Uint8Array): Promise<ts.ClientState> {
    const decoded = ts.decodeMlsMessage(message, 0)?.[0]
    if (decoded?.wireformat !== "mls_private_message") throw new Error("a private message")
    const result = await ts.processMessage(decoded, state, ts.emptyPskIndex, ts.acceptAll, impl)
    return result.newState
  }

  async function protect(state: ts.ClientState): Promise<{ readonly state: ts.ClientState; readonly message: Uint8Array }> {
    const result = await ts.createApplicationMessage(state, plaintext64, impl)
    const message = ts.encodeMlsMessage({ privateMessage: result.privateMessage, wireformat: "mls_private_message", version: "mls10" })
    return { state: result.newState, message }
  }

  async function prepareAdd(size: number): Promise<() => unknown> {
    const [founder, ...others] = await people(size)
    const state = await create(founder as Pair)
    return () => commit(state, others.map(add))
  }

  async function prepare(size: number): Promise<Prepared> {
    // Who fills the tree runs on this repository's engine: with ts-mls each of them would take half a minute to join 1,000 members.
    const guests = new Map(
      fillingLeaves(size)
        .filter((leaf) => leaf > 1)
        .map((leaf) => [leaf, guest(`guest ${leaf}`, 0x0001, crypto, timeMs)]),
    )
    const [founder, second, newcomer] = [await person(0), await person(1), await person(size)]
    const adds: ts.Proposal[] = []
    for (let leaf = 1; leaf < size; leaf++) {
      const visiting = guests.get(leaf)
      adds.push(
        leaf === 1
          ? add(second)
          : visiting === undefined
            ? add(await person(leaf))
            : { proposalType: "add", add: { keyPackage: parsed(visiting.keyPackage) } },
      )
    }
    const first = await commit(await create(founder), adds)
    let a = first.newState
    const freshB = await joined(first.welcome as ts.Welcome, second)
    let b = freshB
    const welcomeBytes = (welcome: ts.Welcome): Uint8Array => ts.encodeMlsMessage({ welcome, wireformat: "mls_welcome", version: "mls10" })
    for (const visiting of guests.values()) visiting.join(welcomeBytes(first.welcome as ts.Welcome))

    /** A commit of leaf 0, of leaf 1 or of a guest, applied by all of them. */
    const commitBy = async (leaf: number): Promise<Uint8Array> => {
      const own = leaf > 1 ? undefined : await commit(leaf === 0 ? a : b, [])
      const message = own === undefined ? (guests.get(leaf) as Guest).commit() : ts.encodeMlsMessage(own.commit)
      a = leaf === 0 && own !== undefined ? own.newState : await receive(a, message)
      b = leaf === 1 && own !== undefined ? own.newState : await receive(b, message)
      for (const [at, visiting] of guests) if (at !== leaf) visiting.receive(message)
      return message
    }
    const firstCommit = await commitBy(0)
    for (const leaf of fillingLeaves(size)) await commitBy(leaf)
    await commitBy(0)

    const [stateA, stateB] = [a, b]
    const update = ts.encodeMlsMessage((await commit(stateA, [])).commit)
    const replace = await commit(stateA, [
      ...(size > 2 ? [{ proposalType: "remove" as const, remove: { removed: size - 1 } }] : []),
      add(newcomer),
    ])
    const welcome = replace.welcome as ts.Welcome
    const sample = await protect(stateA)

    let [sending, sendingSaved, receiving, source] = [stateA, stateA, stateB, stateA]
    let incoming = sample.message
    return {
      encrypt: {
        async run() {
          sending = (await protect(sending)).state
        },
      },
      encryptAndSave: {
        async run() {
          sendingSaved = (await protect(sendingSaved)).state
          return ts.encodeGroupState(sendingSaved)
        },
      },
      decrypt: {
        async before() {
          const next = await protect(source)
          source = next.state
          incoming = next.message
        },
        async run() {
          receiving = await receive(receiving, incoming)
        },
      },
      ownCommit: { run: () => commit(stateA, []) },
      processCommit: { run: () => receive(stateB, update) },
      processFirstCommit: { run: () => receive(freshB, firstCommit) },
      join: { run: () => joined(welcome, newcomer) },
      toStore: () => [{ key: "state", value: ts.encodeGroupState(sample.state) }],
      bytes: {
        application: sample.message.length,
        commit: update.length,
        firstCommit: firstCommit.length,
        welcome: welcomeBytes(welcome).length,
        storedPerFirstMessage: ts.encodeGroupState(sample.state).length,
        storedPerMessage: ts.encodeGroupState((await protect(sample.state)).state).length,
        storedPerCommit: ts.encodeGroupState(await receive(stateB, update)).length,
      },
    }
  }

  return { name: "ts-mls 1.6.4, X25519", prepare, prepareAdd }
}
