// A device that nobody invited. It has keys that the adversary made, and tries them with the production engine on everything it sees.

import { type Bytes, encodeCbor, toHex } from "@nodoor/bytes"
import { type AccountId, type AccountState, type Device, type DeviceId, ed25519SignatureScheme } from "@nodoor/keylog"
import {
  type Environment,
  type GroupId,
  type GroupState,
  MlsError,
  type NewKeyPackage,
  type Signer,
  applyCommit,
  createGroup,
  encodeWelcome,
  generateKeyPackage,
  generateSigner,
  join,
  openWelcome,
  process,
} from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { type Heard, origin } from "./adversary-server.ts"
import { randomId } from "./random-id.ts"
import { openIntroduction } from "./introductions.ts"
import { suite, understood } from "./leaf.ts"

export class Ghost {
  readonly deviceId: DeviceId
  readonly accountId: AccountId
  readonly signer: Signer
  readonly #packages: NewKeyPackage[] = []
  readonly #groups = new Map<string, GroupState>()
  /** What it could open, and what it could not, as it came. */
  readonly plaintexts: Uint8Array[] = []
  /** Bodies and Welcomes that it tried in vain. */
  failures = 0
  readonly #nowMs: () => number

  /** `accountId`: the account in whose name it wants to be let in. */
  constructor(nowMs: () => number, accountId: Uint8Array, deviceId: Uint8Array = randomId()) {
    this.#nowMs = nowMs
    this.accountId = accountId as AccountId
    this.deviceId = deviceId as DeviceId
    const identity = encodeCbor([origin, accountId, deviceId])
    this.signer = generateSigner(this.env, { suite, identity })
  }

  get env(): Environment {
    return { crypto: nodeProvider, timeMs: this.#nowMs() }
  }

  /** How an account state would list it. */
  listed(addedVersion: number): Device {
    const { deviceId, signer } = this
    return { deviceId, deviceClass: "cli", signatureScheme: ed25519SignatureScheme, signatureKey: signer.publicKey, addedVersion }
  }

  keyPackage({ classical = false }: { readonly classical?: boolean } = {}): NewKeyPackage {
    const { signer } = this
    const input = {
      suite: classical ? 1 : suite,
      signer,
      lifetimeS: 86_400,
      lastResort: false,
      ...understood,
    } as const
    const made = generateKeyPackage(this.env, input)
    this.#packages.push(made)
    return made
  }

  /** Tries every key it has on a Welcome. */
  openWelcome({ secrets, groupInfo }: { readonly secrets: readonly Uint8Array[]; readonly groupInfo: Uint8Array }): boolean {
    for (const secret of secrets) {
      for (const { secret: keyPackageSecret } of this.#packages) {
        const opened = this.#attempt(() => {
          const welcome = encodeWelcome(suite, { secrets: [secret], encryptedGroupInfo: groupInfo })
          return join(this.env, openWelcome(this.env, { welcome, keyPackageSecret, signer: this.signer })).state
        })
        if (!opened) continue
        this.#groups.set(toHex(opened.groupId), opened)
        return true
      }
    }
    return false
  }

  /** Tries everything it has on everything that members ever gave the server, in its order. */
  tryAll(heard: readonly Heard[]): void {
    // An introduction follows the commit that it is about.
    const secrets = heard.flatMap((one) => (one.type === "introduction" ? this.#introduced(one.sealed) : []))
    for (const one of heard) {
      if (one.type === "introduction") continue
      this.#read(one.groupId, one.type === "post" ? one.body : one.commit)
      if (one.type === "commit" && one.groupInfo) this.openWelcome({ secrets, groupInfo: one.groupInfo })
    }
  }

  /** The EncryptedGroupSecrets of an introduction, if it is for one of its KeyPackages. */
  #introduced(sealed: Uint8Array): Uint8Array[] {
    for (const { secret } of this.#packages) {
      const opened = this.#attempt(() => openIntroduction(this.env, secret, sealed))
      if (opened) return [opened.encrypted]
    }
    return []
  }

  /** Whether anything it opened holds the words. */
  holds(words: string): boolean {
    return this.plaintexts.some((plaintext) => Buffer.from(plaintext).includes(words, 0, "utf8"))
  }

  #read(groupId: Uint8Array, body: Uint8Array): void {
    this.plaintexts.push(body) // in case it is one
    const id = toHex(groupId)
    const state = this.#groups.get(id) ?? this.#pretender(groupId)
    const processed = this.#attempt(() => process(this.env, state, body))
    if (!processed) return
    if (processed.kind === "application") this.plaintexts.push(processed.plaintext)
    const next = processed.kind === "commit" ? applyCommit(this.env, state, processed.staged).state : processed.change.state
    this.#groups.set(id, next)
  }

  /** A group of its own under the same id: all that one can do who was not let in. */
  #pretender(groupId: Uint8Array): GroupState {
    return createGroup(this.env, { suite, groupId: groupId as Bytes<"GroupId"> as GroupId, signer: this.signer, extensions: [] }).state
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof MlsError)) throw error
      this.failures++
      return undefined
    }
  }
}

/** The state that follows with these devices, everything else as an honest client would set it. */
export function following(
  before: { readonly state: AccountState; readonly stateHash: Uint8Array },
  devices: readonly Device[],
  kind: "update" | "reset" = "update",
): AccountState {
  const version = before.state.version + 1
  const reset = kind === "reset"
  return {
    ...before.state,
    version,
    prev: before.stateHash,
    kind,
    resetCount: before.state.resetCount + (reset ? 1 : 0),
    lastResetVersion: reset ? version : before.state.lastResetVersion,
    devices: devices.toSorted((a, b) => (toHex(a.deviceId) < toHex(b.deviceId) ? -1 : 1)),
  }
}
