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
import { type Adder, type Contender, type Prepared, plaintext64 } from "./contender.ts"

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
    const [founder, second, newcomer] = [people[0], people[1], people[size]]
    if (founder === undefined || second === undefined || newcomer === undefined) throw new Error("a group of at least two")
    const third = people[size >> 1] as Person
    const added = people.slice(1, size).map(({ verified }) => ({ type: "add" as const, keyPackage: verified }))
    let a = create(founder.signer)
    const first = mls.commit(env, a, { proposals: added, signer: founder.signer })
    a = mls.applyCommit(env, a, first.staged).state
    const firstWelcome = welcomeBytes(first)
    let b = join(second, firstWelcome).state
    // Others commit too, so that the tree is as full as in a group that is in use.
    if (third !== second && third !== founder) {
      let c = join(third, firstWelcome).state
      const commit = mls.commit(env, c, { proposals: [], signer: third.signer })
      c = mls.applyCommit(env, c, commit.staged).state
      ;[a, b] = [receive(a, commit.message).state, receive(b, commit.message).state]
    }
    for (const [who, isFounder] of [
      [second, false],
      [founder, true],
    ] as const) {
      const commit = mls.commit(env, isFounder ? a : b, { proposals: [], signer: who.signer })
      ;[a, b] = isFounder
        ? [mls.applyCommit(env, a, commit.staged).state, receive(b, commit.message).state]
        : [receive(a, commit.message).state, mls.applyCommit(env, b, commit.staged).state]
    }
    const [stateA, stateB] = [a, b]
    const update = mls.commit(env, stateA, { proposals: [], signer: founder.signer })
    const replace = mls.commit(env, stateA, {
      proposals: [...(size > 2 ? [{ type: "remove" as const, leafIndex: size - 1 }] : []), { type: "add", keyPackage: newcomer.verified }],
      signer: founder.signer,
    })
    const welcome = welcomeBytes(replace)
    const protect = (state: GroupState): ReturnType<typeof mls.protect> =>
      mls.protect(env, state, { plaintext: plaintext64, signer: founder.signer })
    const sample = protect(stateA)

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
      join: { run: () => join(newcomer, welcome) },
      bytes: {
        application: sample.message.length,
        commit: update.message.length,
        welcome: welcome.length,
        storedPerMessage: storedBytes(sample.change.writes),
        storedPerCommit: storedBytes(receive(stateB, update.message).writes),
      },
    }
  }

  return { name, prepare, prepareAdd }
}

/** Keys count too; an erased record costs its key. */
export function storedBytes(writes: readonly RecordWrite[]): number {
  return writes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
}
