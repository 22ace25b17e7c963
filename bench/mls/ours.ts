// This repository's engine as a contender, with whichever provider it is handed.

import { bytes, toUtf8 } from "@nodoor/bytes"
import * as mls from "@nodoor/mls"
import type {
  CipherSuiteId,
  CryptoProvider,
  Environment,
  GroupState,
  NewKeyPackage,
  RecordWrite,
  Signer,
  VerifiedKeyPackage,
} from "@nodoor/mls"
import { type Adder, type Contender, type Prepared, fillingLeaves, plaintext64 } from "./contender.ts"

interface Person {
  readonly signer: Signer
  readonly keyPackage: NewKeyPackage
  readonly verified: VerifiedKeyPackage
}

export function ours(name: string, suite: CipherSuiteId, crypto: CryptoProvider, timeMs: number): Contender & Adder {
  const env: Environment = { crypto, timeMs }

  function person(i: number): Person {
    const signer = mls.generateSigner(env, { suite, identity: toUtf8(`member ${i}`) })
    const keyPackage = mls.generateKeyPackage(env, { suite, signer, lifetimeS: 28 * 24 * 3600, lastResort: false })
    return { signer, keyPackage, verified: mls.parseKeyPackage(env, keyPackage.message) }
  }

  function create(signer: Signer): GroupState {
    return mls.createGroup(env, { suite, groupId: bytes<"GroupId">(toUtf8("bench")), signer, extensions: [] }).state
  }

  function welcomeBytes(own: mls.OwnCommit): Uint8Array {
    if (own.welcome === undefined) throw new Error("the commit adds nobody")
    return mls.encodeWelcome(suite, {
      secrets: own.welcome.secrets.map(({ encrypted }) => encrypted),
      encryptedGroupInfo: own.welcome.encryptedGroupInfo,
    })
  }

  function join(who: Person, welcome: Uint8Array): mls.Change {
    return mls.join(env, mls.openWelcome(env, { welcome, keyPackageSecret: who.keyPackage.secret, signer: who.signer }))
  }

  function receive(state: GroupState, message: Uint8Array): mls.Change {
    const processed = mls.process(env, state, message)
    if (processed.kind !== "commit") return processed.change
    const applied = mls.applyCommit(env, processed.change.state, processed.staged)
    return { state: applied.state, writes: [...processed.change.writes, ...applied.writes] }
  }

  async function prepareAdd(size: number): Promise<() => unknown> {
    const founder = person(0)
    const proposals = Array.from({ length: size - 1 }, (_, i) => ({ type: "add" as const, keyPackage: person(i + 1).verified }))
    const state = create(founder.signer)
    return () => {
      const own = mls.commit(env, state, { proposals, signer: founder.signer })
      return mls.applyCommit(env, state, own.staged)
    }
  }

  async function prepare(size: number): Promise<Prepared> {
    const people = Array.from({ length: size + 1 }, (_, i) => person(i))
    const [founder, newcomer] = [people[0], people[size]]
    if (founder === undefined || newcomer === undefined) throw new Error("a group of at least two")
    const added = people.slice(1, size).map(({ verified }) => ({ type: "add" as const, keyPackage: verified }))
    let a = create(founder.signer)
    const first = mls.commit(env, a, { proposals: added, signer: founder.signer })
    a = mls.applyCommit(env, a, first.staged).state
    const welcome = welcomeBytes(first)
    const others = new Map([1, ...fillingLeaves(size)].map((leaf) => [leaf, join(people[leaf] as Person, welcome).state]))
    const freshB = others.get(1) as GroupState

    /** A commit of the founder (leaf 0) or of one of the others, applied by all of them. */
    const commitBy = (leaf: number): Uint8Array => {
      const own = mls.commit(env, others.get(leaf) ?? a, { proposals: [], signer: (people[leaf] as Person).signer })
      for (const [other, state] of others)
        others.set(other, other === leaf ? mls.applyCommit(env, state, own.staged).state : receive(state, own.message).state)
      a = leaf === 0 ? mls.applyCommit(env, a, own.staged).state : receive(a, own.message).state
      return own.message
    }
    const firstCommit = commitBy(0)
    for (const leaf of fillingLeaves(size)) commitBy(leaf)
    commitBy(0)

    const [stateA, stateB] = [a, others.get(1) as GroupState]
    const update = mls.commit(env, stateA, { proposals: [], signer: founder.signer })
    const replace = mls.commit(env, stateA, {
      proposals: [...(size > 2 ? [{ type: "remove" as const, leafIndex: size - 1 }] : []), { type: "add", keyPackage: newcomer.verified }],
      signer: founder.signer,
    })
    const newWelcome = welcomeBytes(replace)
    const protect = (state: GroupState): ReturnType<typeof mls.protect> =>
      mls.protect(env, state, { plaintext: plaintext64, signer: founder.signer })
    const sample = protect(stateA)

    const later = protect(sample.change.state).change.writes

    let [sending, sendingSaved, receiving, source] = [stateA, stateA, stateB, stateA]
    let incoming = sample.message
    return {
      encrypt: {
        run() {
          sending = protect(sending).change.state
        },
      },
      encryptAndSave: {
        run() {
          const { change } = protect(sendingSaved)
          sendingSaved = change.state
          return change.writes
        },
      },
      decrypt: {
        before() {
          const next = protect(source)
          source = next.change.state
          incoming = next.message
        },
        run() {
          receiving = mls.process(env, receiving, incoming).change.state
        },
      },
      ownCommit: {
        run: () => mls.applyCommit(env, stateA, mls.commit(env, stateA, { proposals: [], signer: founder.signer }).staged),
      },
      processCommit: { run: () => receive(stateB, update.message) },
      processFirstCommit: { run: () => receive(freshB, firstCommit) },
      join: { run: () => join(newcomer, newWelcome) },
      // Records are made by the operation itself.
      toStore: () => later,
      bytes: {
        application: sample.message.length,
        commit: update.message.length,
        firstCommit: firstCommit.length,
        welcome: newWelcome.length,
        storedPerFirstMessage: storedBytes(sample.change.writes),
        storedPerMessage: storedBytes(later),
        storedPerCommit: storedBytes(receive(stateB, update.message).writes),
      },
    }
  }

  return { name, prepare, prepareAdd }
}

/** Members on this engine for a group of another implementation: they join, follow, and commit where a tree is to be filled. */
export function guest(name: string, suite: CipherSuiteId, crypto: CryptoProvider, timeMs: number): Guest {
  const env: Environment = { crypto, timeMs }
  const signer = mls.generateSigner(env, { suite, identity: toUtf8(name) })
  const keyPackage = mls.generateKeyPackage(env, { suite, signer, lifetimeS: 28 * 24 * 3600, lastResort: false })
  let state: GroupState | undefined
  const joined = (): GroupState => {
    if (state === undefined) throw new Error("has not joined")
    return state
  }
  return {
    keyPackage: keyPackage.message,
    join(welcome) {
      state = mls.join(env, mls.openWelcome(env, { welcome, keyPackageSecret: keyPackage.secret, signer })).state
    },
    receive(message) {
      const processed = mls.process(env, joined(), message)
      state = processed.kind === "commit" ? mls.applyCommit(env, processed.change.state, processed.staged).state : processed.change.state
    },
    commit() {
      const own = mls.commit(env, joined(), { proposals: [], signer })
      state = mls.applyCommit(env, joined(), own.staged).state
      return own.message
    },
  }
}

export interface Guest {
  readonly keyPackage: Uint8Array
  join(welcome: Uint8Array): void
  receive(message: Uint8Array): void
  /** Commits and applies; gives the message. */
  commit(): Uint8Array
}

/** Keys count too; an erased record costs its key. */
export function storedBytes(writes: readonly RecordWrite[]): number {
  return writes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
}
