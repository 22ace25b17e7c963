// ts-mls 1.6.4 with its default provider (WebCrypto and noble).

import * as ts from "ts-mls"
import { type Adder, type Contender, type Prepared, plaintext64 } from "./contender.ts"

const utf8 = new TextEncoder()

export async function tsMls(timeMs: number): Promise<Contender & Adder> {
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
    const all = await people(size + 1)
    const [founder, second, newcomer] = [all[0] as Pair, all[1] as Pair, all[size] as Pair]
    const first = await commit(await create(founder), all.slice(1, size).map(add))
    let a = first.newState
    let b = await joined(first.welcome as ts.Welcome, second)
    for (let i = 0; i < 2; i++) {
      const update = await commit(i === 0 ? b : a, [])
      const message = ts.encodeMlsMessage(update.commit)
      ;[a, b] = i === 0 ? [await receive(a, message), update.newState] : [update.newState, await receive(b, message)]
    }
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
      join: { run: () => joined(welcome, newcomer) },
      bytes: {
        application: sample.message.length,
        commit: update.length,
        welcome: ts.encodeMlsMessage({ welcome, wireformat: "mls_welcome", version: "mls10" }).length,
        storedPerMessage: ts.encodeGroupState(sample.state).length,
        storedPerCommit: ts.encodeGroupState(await receive(stateB, update)).length,
      },
    }
  }

  return { name: "ts-mls 1.6.4, X25519", prepare, prepareAdd }
}
