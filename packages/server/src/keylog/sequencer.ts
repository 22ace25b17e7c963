// Drives the log: it takes what was stored, has an epoch written, asks the witnesses and publishes. One step at a time. A step that
// fails is repeated later, and nothing of it is visible before.

import { equal } from "@nodoor/bytes"
import {
  KeylogError,
  type LogCrypto,
  type NoteKey,
  type NoteSignature,
  type WitnessPolicy,
  appendSignatures,
  maxNoteBytes,
  parsePolicy,
} from "@nodoor/keylog"
import type { Clock, Log, LogMeter } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { Store } from "../accounts/store/store.ts"
import type { Keeper, LogStatus } from "./keeper/log-keeper.ts"
import { type Cosigner, type LogNetwork, askWitness } from "./witness-client.ts"

export interface SequencerOptions {
  /** `<host>/kt/1` */
  readonly origin: string
  /** Least time between two epochs. */
  readonly epochMs: number
  /** Where the cosigners of the policy are reached. Only those whose keys the policy in force names are asked. */
  readonly witnesses: readonly Cosigner[]
  readonly auditors: readonly Cosigner[]
}

export interface SequencerPorts {
  readonly crypto: LogCrypto
  readonly keeper: Keeper
  readonly store: Pick<Store, "accountFeed">
  readonly network: LogNetwork
  readonly clock: Clock
  readonly log: Log
  readonly meter?: LogMeter | undefined
  readonly delay: (ms: number) => Promise<void>
}

export type SequencerState =
  | { readonly status: "running"; readonly witnesses: number }
  /** Some of what must be published waits for witnesses. */
  | { readonly status: "waiting"; readonly reason: "witnesses" | "store" }
  /** Signs nothing more until an operator acts. The message says why. */
  | { readonly status: "refused"; readonly reason: string }

interface Shown {
  readonly note: Uint8Array
  /** Size of the note. */
  readonly size: number
  /** Size of our newest tree: a witness that knows more has seen another copy of us. */
  readonly built: number
}

/** A step's answer: when the next one is due, unless something is stored earlier. */
export interface Step {
  readonly waitMs: number
}

/** Account states in one epoch: about two seconds of VRF proofs on two cores. */
const rowsMax = 2_000
/** When a published checkpoint is this old, it is shown to the witnesses again. */
const renewAfterMs = 10 * 60_000
/** There is an epoch at least this often: devices treat a log that has not grown for 26 hours as one that hides something. */
const epochAtLeastEveryMs = 20 * 3_600_000
/** How often auditors' mirrors are looked at. */
const auditEveryMs = 2_000
const auditRetryMs = 10_000
/** How long to wait for witnesses that did not sign with the quorum. */
const graceMs = 250
const retryMinMs = 1_000
const retryMaxMs = 60_000

export class Sequencer {
  readonly #ports: SequencerPorts
  readonly #options: SequencerOptions
  /** What each witness signed last, by name of its key. Learned from its answers. */
  readonly #knownSizes = new Map<string, number>()
  /** Witnesses that have said what they know. */
  readonly #probed = new Set<string>()
  readonly #waiters = new Set<() => void>()
  #state: SequencerState = { status: "running", witnesses: 0 }
  #retryMs = retryMinMs
  #lastEpochMs = -Infinity
  #renewedMs = -Infinity
  #auditDueMs = -Infinity
  /** Independent witnesses under the published checkpoint. */
  #witnessed = 0
  /** Each witness's last reason for refusing, so that it is logged once. */
  readonly #refusals = new Map<string, number>()
  #stopped = false
  #running: Promise<Step> | undefined

  constructor(ports: SequencerPorts, options: SequencerOptions) {
    this.#ports = ports
    this.#options = options
  }

  get state(): SequencerState {
    return this.#state
  }

  /** Resolves after the next checkpoint was published. */
  published(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve))
  }

  /** Does what is due. Calls at the same time share one step. Never rejects. */
  step(): Promise<Step> {
    this.#running ??= this.#step().finally(() => (this.#running = undefined))
    return this.#running
  }

  /** Starts nothing more, and logs nothing about interrupted work. */
  stop(): void {
    this.#stopped = true
  }

  async #step(): Promise<Step> {
    if (this.#state.status === "refused" || this.#stopped) return { waitMs: retryMaxMs }
    try {
      return { waitMs: await this.#advance() }
    } catch (error) {
      if (this.#stopped) return { waitMs: retryMaxMs }
      return { waitMs: this.#failed(error) }
    }
  }

  async #advance(): Promise<number> {
    const { keeper, clock } = this.#ports
    const status = await keeper.status({})
    if (status.publishedAtMs !== undefined) this.#ports.meter?.epoch(status.publishedAtMs)
    if (!(await this.#mayRun(status))) return this.#later("witnesses")
    if (status.publishedSize < status.size) return this.#publishAndGoOn(status, 0)

    const sinceEpochMs = clock.nowMs() - this.#lastEpochMs
    if (sinceEpochMs < this.#options.epochMs && sinceEpochMs >= 0) return this.#options.epochMs - sinceEpochMs
    const startedMs = clock.nowMs()
    const waiting = await this.#build(status)
    if (waiting !== undefined) {
      // While there is always something to publish, auditors are looked at beside it.
      void this.#readAudits(status)
      return this.#publishAndGoOn(await keeper.status({}), clock.nowMs() - startedMs)
    }
    await this.#renew(status)
    await this.#readAudits(status)
    this.#goesOn(this.#witnessed)
    return this.#options.auditors.length > 0 ? auditEveryMs : renewAfterMs
  }

  /** Writes the next epoch; undefined if there is nothing for it. */
  async #build(status: LogStatus): Promise<number | undefined> {
    const { keeper, store, clock, meter } = this.#ports
    const { rows, newest, tokenKeys } = await store.accountFeed({ after: status.feedPosition, max: rowsMax })
    if (newest < status.feedPosition) {
      throw new ServerError(
        "log_behind_accounts",
        "The accounts are older than the log: restore both from the same backup. Nothing will be signed.",
      )
    }
    if (status.ended) return undefined
    await keeper.prepare({ rows, tokenKeys })
    const nowMs = clock.nowMs()
    if (!(await keeper.build({ rows, tokenKeys, nowMs, evenEmpty: this.#isDue(status, nowMs) }))) return undefined
    this.#lastEpochMs = nowMs
    const { size, keyCount, mapBytes } = await keeper.status({})
    meter?.logged({ size, keyCount, mapBytes, waiting: newest - (rows.at(-1)?.order ?? newest) })
    return rows.length
  }

  /** Whether an epoch is due although nothing was stored. After a start only the log knows when the last one was; its time may be ahead. */
  #isDue({ publishedAtMs }: LogStatus, nowMs: number): boolean {
    const lastMs = Number.isFinite(this.#lastEpochMs) ? this.#lastEpochMs : publishedAtMs
    return lastMs !== undefined && Math.abs(nowMs - lastMs) >= epochAtLeastEveryMs
  }

  async #publishAndGoOn(status: LogStatus, buildMs: number): Promise<number> {
    const startedMs = this.#ports.clock.nowMs()
    const witnesses = await this.#publish(status)
    if (witnesses === undefined) return this.#later("witnesses")
    this.#ports.meter?.published({ atMs: this.#ports.clock.nowMs(), witnesses, buildMs, publishMs: this.#ports.clock.nowMs() - startedMs })
    return Math.max(0, Math.min(this.#options.epochMs - (this.#ports.clock.nowMs() - this.#lastEpochMs), this.#options.epochMs))
  }

  /** Signs the newest tree, collects cosignatures and publishes. Undefined without a quorum. */
  async #publish(status: LogStatus): Promise<number | undefined> {
    const { keeper, clock } = this.#ports
    const { policies, witnesses } = this.#cosigners(status)
    const { note, size } = await keeper.draft({ knownSizes: [...this.#knownSizes.values()] })
    const signatures = await this.#collect(witnesses, policies, { note, size, built: status.size })
    const signed = signatures.length === 0 ? note : appendSignatures(note, signatures)
    try {
      await keeper.publish({ note: signed, nowMs: clock.nowMs() })
    } catch (error) {
      if (error instanceof KeylogError) return undefined
      throw error
    }
    const count = policies[0] === undefined ? 0 : signedBy(policies[0], signatures)
    this.#goesOn(count)
    this.#renewedMs = clock.nowMs()
    for (const done of this.#waiters) done()
    this.#waiters.clear()
    return count
  }

  /** All witnesses' signatures; once there is a quorum the others get a moment more. Late answers still tell what they know. */
  async #collect(witnesses: readonly Cosigner[], policies: readonly WitnessPolicy[], shown: Shown): Promise<readonly NoteSignature[]> {
    const signatures: NoteSignature[] = []
    let quorumReached = (): void => {}
    const quorate = new Promise<void>((resolve) => (quorumReached = resolve))
    const all = Promise.all(
      witnesses.map(async (witness) => {
        signatures.push(...(await this.#ask(witness, shown)))
        if (policies.every((policy) => signedBy(policy, signatures) >= policy.quorum)) quorumReached()
      }),
    )
    // A refusal to sign anything more counts even when a quorum has signed.
    await Promise.race([all, quorate.then(() => this.#ports.delay(graceMs))])
    all.catch((error: unknown) => this.#failed(error))
    return [...signatures]
  }

  /** One witness's signatures over the note; none if it has none to give. @throws ServerError `log_behind_witness` */
  async #ask(witness: Cosigner, { note, size, built }: Shown): Promise<readonly NoteSignature[]> {
    const { name } = witness.key
    for (let tries = 0; tries < 3; tries++) {
      const oldSize = this.#knownSizes.get(name) ?? 0
      if (oldSize > size) return []
      const proof = oldSize === 0 ? [] : await this.#ports.keeper.consistency({ older: oldSize, newer: size })
      const answer = await askWitness(this.#ports, witness, { note, oldSize, proof })
      switch (answer.status) {
        case "signed":
          this.#knownSizes.set(name, Math.max(size, this.#knownSizes.get(name) ?? 0))
          this.#probed.add(name)
          this.#refusals.delete(name)
          return answer.signatures
        case "other size":
          if (answer.size > built) throw behind(built, answer.size)
          this.#knownSizes.set(name, answer.size)
          this.#probed.add(name)
          break
        case "refused":
          if (this.#refusals.get(name) !== answer.httpStatus) {
            this.#refusals.set(name, answer.httpStatus)
            this.#ports.log("error", "log_witness_refused", { witness: name, status: answer.httpStatus })
          }
          return []
        case "unreachable":
          return []
      }
    }
    return []
  }

  /**
   * Whether enough witnesses have said what they know. They are shown the checkpoint that is published already, so that nothing new is
   * signed before. @throws ServerError `log_behind_witness`
   */
  async #mayRun(status: LogStatus): Promise<boolean> {
    const { policies, witnesses } = this.#cosigners(status)
    const note = await this.#ports.keeper.checkpoint({})
    const heard = (): boolean =>
      policies.every((policy) => policy.witnesses.filter(({ name }) => this.#probed.has(name)).length >= policy.quorum)
    if (note === undefined || witnesses.length === 0 || heard()) return true
    const unknown = witnesses.filter(({ key }) => !this.#probed.has(key.name))
    await Promise.all(unknown.map((witness) => this.#ask(witness, { note, size: status.publishedSize, built: status.size })))
    return heard()
  }

  async #renew(status: LogStatus): Promise<void> {
    if (this.#ports.clock.nowMs() - this.#renewedMs < renewAfterMs) return
    const { witnesses } = this.#cosigners(status)
    if (witnesses.length === 0 || status.size === 0) return
    await this.#publish(status)
  }

  async #readAudits(status: LogStatus): Promise<void> {
    const { auditors } = this.#cosigners(status)
    const nowMs = this.#ports.clock.nowMs()
    if (nowMs < this.#auditDueMs) return
    this.#auditDueMs = nowMs + auditEveryMs
    for (const { key, url } of auditors) {
      try {
        const { status: httpStatus, body } = await this.#ports.network.get(`${url}/checkpoint`)
        if (httpStatus !== 200 || body.length > maxNoteBytes) continue
        await this.#ports.keeper.audited({ note: body, nowMs })
      } catch {
        if (this.#stopped) return
        this.#auditDueMs = nowMs + auditRetryMs
        this.#ports.log("warn", "log_audit_unread", { auditor: key.name })
      }
    }
  }

  /** The policies whose quorum is needed, and where those they name are reached. */
  #cosigners({ policies: entries }: LogStatus): {
    readonly policies: readonly WitnessPolicy[]
    readonly witnesses: readonly Cosigner[]
    readonly auditors: readonly Cosigner[]
  } {
    const { crypto } = this.#ports
    // The log's own key was checked against the policy when the entry was taken; here only the names count.
    const policies = entries.map((entry) => parsePolicy(crypto, { entry, origin: this.#options.origin, logKey: new Uint8Array(32) }))
    const reached = (cosigners: readonly Cosigner[], keys: readonly NoteKey[]): Cosigner[] =>
      cosigners.filter(({ key }) => keys.some(({ name, id }) => name === key.name && equal(id, key.id)))
    return {
      policies,
      witnesses: reached(
        this.#options.witnesses,
        policies.flatMap(({ witnesses, operators }) => [...witnesses, ...operators]),
      ),
      auditors: reached(
        this.#options.auditors,
        policies.flatMap(({ auditors }) => auditors),
      ),
    }
  }

  #goesOn(witnesses: number): void {
    this.#witnessed = witnesses
    this.#retryMs = retryMinMs
    if (this.#state.status !== "refused") this.#state = { status: "running", witnesses }
  }

  #later(reason: "witnesses" | "store"): number {
    if (this.#state.status !== "waiting") this.#ports.log("warn", "log_waits", { reason })
    this.#state = { status: "waiting", reason }
    const waitMs = this.#retryMs
    this.#retryMs = Math.min(2 * this.#retryMs, retryMaxMs)
    return waitMs
  }

  #failed(error: unknown): number {
    const { log, meter } = this.#ports
    if (error instanceof ServerError && error.code.startsWith("log_")) {
      this.#state = { status: "refused", reason: error.message }
      log("error", "log_refused", { code: error.code, reason: error.message })
      meter?.refused(true)
      return retryMaxMs
    }
    // Texts of our own and of SQLite: neither holds a label or a value.
    log("error", "log_step_failed", { cause: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : "unknown" })
    return this.#later("store")
  }
}

function signedBy({ witnesses }: WitnessPolicy, signatures: readonly NoteSignature[]): number {
  return witnesses.filter(({ name }) => signatures.some((signature) => signature.name === name)).length
}

function behind(own: number, known: number): ServerError {
  return new ServerError(
    "log_behind_witness",
    `A witness has signed this log at size ${known}, and here it has ${own}: an old backup was restored, or a second server signs. Nothing will be signed. See docs/operating.md.`,
  )
}
