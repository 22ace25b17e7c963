import { strict as assert } from "node:assert"
import { bytes, toHex, toUtf8 } from "@nodoor/bytes"
import type {
  Change,
  Environment,
  Extension,
  GroupId,
  GroupState,
  NewKeyPackage,
  OwnCommit,
  Processed,
  ProposalInput,
  PskLookup,
  RecordWrite,
  Signer,
  StagedCommit,
  VerifiedKeyPackage,
} from "../../../src/api/api.ts"
import * as mls from "../../../src/index.ts"
import type { CipherSuiteId, CryptoProvider } from "../../../src/provider/provider.ts"
import { seededProvider } from "./seeded.ts"

/** 2026-01-01T00:00:00Z: the time of every test of the proof. */
export const testTimeMs = 1_767_225_600_000
const dayS = 24 * 60 * 60

export interface DeviceOptions {
  readonly suite: CipherSuiteId
  /** Load the state anew from the stored records after every step. */
  readonly reload?: boolean
  readonly psks?: PskLookup
  /** Extensions of the group that this device understands besides the RFC's own. */
  readonly extensionTypes?: readonly number[]
  /** Default `testTimeMs`. */
  readonly timeMs?: number
  /** Another provider around the seeded one. */
  readonly wrap?: (provider: CryptoProvider) => CryptoProvider
}

/**
 * One client of the engine as an application would be: a store of records to which the writes of each change are applied, and
 * nothing else. Before and after each operation it checks that the state handed in was not changed.
 */
export class Device {
  readonly name: string
  readonly suite: CipherSuiteId
  readonly env: Environment
  readonly signer: Signer
  readonly store: Map<string, Uint8Array> = new Map()
  readonly keyPackages: NewKeyPackage[] = []
  readonly #reload: boolean
  readonly #extensionTypes: readonly number[]
  readonly #psks: PskLookup | undefined
  #state: GroupState | undefined

  constructor(name: string, seed: string, options: DeviceOptions) {
    this.name = name
    this.suite = options.suite
    this.#reload = options.reload ?? false
    this.#psks = options.psks
    this.#extensionTypes = options.extensionTypes ?? []
    const provider = seededProvider(`${seed}/${name}`)
    this.env = { crypto: options.wrap?.(provider) ?? provider, timeMs: options.timeMs ?? testTimeMs }
    this.signer = mls.generateSigner(this.env, { suite: this.suite, identity: toUtf8(name) })
  }

  get state(): GroupState {
    assert.ok(this.#state !== undefined, `${this.name} is in the group`)
    return this.#state
  }

  get inGroup(): boolean {
    return this.#state !== undefined && this.#state.active
  }

  get leafIndex(): number {
    return this.state.ownLeafIndex
  }

  /** Fingerprint of all that members of one epoch must agree on. */
  get view(): string {
    const exported = mls.exportSecret(this.env, this.state, { label: "proof", context: toUtf8("view"), lengthBytes: 16 })
    const members = mls.members(this.state).map((member) => `${member.leafIndex}:${toHex(member.signatureKey)}`)
    const extensions = mls.extensions(this.state).map((extension) => `${extension.type}:${toHex(extension.data)}`)
    return [
      this.state.epoch,
      toHex(mls.epochAuthenticator(this.state)),
      toHex(mls.treeHash(this.env, this.state)),
      toHex(exported),
      members.join(),
      extensions.join(),
    ].join(" ")
  }

  /** What is on disk, and what the state says should be. */
  get storedFingerprint(): string {
    return fingerprint([...this.store].map(([key, value]) => ({ key, value })))
  }
  get recordsFingerprint(): string {
    return fingerprint(mls.records(this.state))
  }

  create(groupId: string, extensions: readonly Extension[] = []): void {
    const id = bytes<"GroupId">(toUtf8(groupId)) satisfies GroupId
    this.keep(
      mls.createGroup(this.env, { suite: this.suite, groupId: id, signer: this.signer, extensions, extensionTypes: this.#extensionTypes }),
    )
  }

  newKeyPackage(): VerifiedKeyPackage {
    const made = mls.generateKeyPackage(this.env, {
      suite: this.suite,
      signer: this.signer,
      lifetimeS: 28 * dayS,
      lastResort: false,
      extensionTypes: this.#extensionTypes,
    })
    this.keyPackages.push(made)
    return mls.parseKeyPackage(this.env, made.message)
  }

  /** A commit of our own, not yet applied; the key it was sealed with is consumed. */
  commit(proposals: readonly ProposalInput[], options: { readonly byReference?: boolean } = {}): OwnCommit {
    const own = this.#unchanged((state) =>
      mls.commit(this.env, state, {
        proposals,
        signer: this.signer,
        ...options,
        ...(this.#psks === undefined ? {} : { psks: this.#psks }),
      }),
    )
    this.keep(own.change)
    return own
  }

  apply(staged: StagedCommit): void {
    const again = staged.own && this.#reload ? mls.decodeStaged(this.env, this.state, mls.encodeStaged(staged)) : staged
    this.keep(this.#unchanged((state) => mls.applyCommit(this.env, state, again)))
  }

  propose(proposal: ProposalInput | { readonly type: "update" }): Uint8Array {
    const { change, message } = this.#unchanged((state) => mls.propose(this.env, state, { proposal, signer: this.signer }))
    this.keep(change)
    return message
  }

  send(plaintext: Uint8Array): Uint8Array {
    const { change, message } = this.#unchanged((state) => mls.protect(this.env, state, { plaintext, signer: this.signer }))
    this.keep(change)
    return message
  }

  /** Processes a message and, if it is a commit, applies it. */
  receive(message: Uint8Array): Processed {
    const processed = this.process(message)
    this.keep(processed.change)
    if (processed.kind === "commit") this.apply(processed.staged)
    return processed
  }

  /** Processes a message without keeping anything. */
  process(message: Uint8Array): Processed {
    return this.#unchanged((state) => mls.process(this.env, state, message, this.#psks === undefined ? {} : { psks: this.#psks }))
  }

  /** Joins with whichever KeyPackage of ours the Welcome is for, and erases its secret. */
  join(welcome: Uint8Array, ratchetTree?: Uint8Array): void {
    const refs = new Set(mls.welcomeRefs(welcome).map(toHex))
    const at = this.keyPackages.findIndex((made) => refs.has(toHex(made.ref)))
    const used = this.keyPackages[at]
    assert.ok(used !== undefined, "the Welcome is for a KeyPackage of this device")
    const staged = mls.openWelcome(this.env, {
      welcome,
      keyPackageSecret: used.secret,
      signer: this.signer,
      ...(ratchetTree === undefined ? {} : { ratchetTree }),
      ...(this.#psks === undefined ? {} : { psks: this.#psks }),
    })
    this.store.clear()
    this.keep(mls.join(this.env, staged))
    this.keyPackages.splice(at, 1)
  }

  /** Writes a change as an application would, and goes on with its state or with what the store gives back. */
  keep(change: Change): void {
    for (const { key, value } of change.writes) applyWrite(this.store, { key, value })
    this.#state = this.#reload ? this.loaded() : change.state
  }

  /** The state as the stored records give it. */
  loaded(): GroupState {
    return mls.loadGroup(
      this.env,
      [...this.store].map(([key, value]) => ({ key, value: value.slice() })),
    )
  }

  #unchanged<T>(operation: (state: GroupState) => T): T {
    const { state } = this
    const before = fingerprint(mls.records(state))
    try {
      return operation(state)
    } finally {
      assert.equal(fingerprint(mls.records(state)), before, "the state handed in is as it was")
    }
  }
}

/** The Welcome of an own commit as one message for all who were added. */
export function welcomeOf(suite: CipherSuiteId, own: OwnCommit): Uint8Array {
  assert.ok(own.welcome !== undefined, "a commit that adds somebody has a Welcome")
  const { secrets, encryptedGroupInfo } = own.welcome
  return mls.encodeWelcome(suite, { secrets: secrets.map(({ encrypted }) => encrypted), encryptedGroupInfo })
}

export function applyWrite(store: Map<string, Uint8Array>, { key, value }: RecordWrite): void {
  if (value === undefined) store.delete(key)
  else store.set(key, value.slice())
}

export function fingerprint(records: readonly RecordWrite[]): string {
  return records
    .map(({ key, value }) => `${key}=${value === undefined ? "" : toHex(value)}`)
    .toSorted()
    .join("\n")
}
