// The key log as this device believes it: pinned once, and from then on only ever followed by what was proven to grow out of it. Searches
// go one after the other, so that each is checked against the head the one before has stored.

import { equal } from "@nodoor/bytes"
import {
  type AccountId,
  type HeadState,
  IndexCache,
  KeylogError,
  type KeylogErrorCode,
  type LogPin,
  type SearchRequest,
  type VerifiedSearch,
  accountLabel,
  decodeSearchResponse,
  encodeSearchRequest,
  gossipNote,
  isPowerOfTwo,
  labelKey,
  parseCheckpoint,
  parseNote,
  pinLog,
  rootInPath,
  verifyConsistency,
  verifyInsertion,
  verifySearch,
  verifyVrf,
  vrfInput,
} from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { type ErrorCode, WireError, logConfig, logInserted, logSearch } from "@nodoor/wire"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { calledInWords } from "../name/called.ts"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import { type Reader, readerOf } from "../../store/reader.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { evidenceOf } from "../alarm/evidence.ts"
import { type Scope, alarmOf, isAboutAccount } from "../alarm/failed-check.ts"
import { closedAfterMs, headAgeMs, noteLook } from "./log-health.ts"
import { stopSending } from "../alarm/sending-stop.ts"
import { identityTexts, logTexts } from "../../texts/en.ts"
import { type HeardHead, type StoredLog, findStoredLog, listIndices, saveAncestor, saveStoredLog } from "../../store/trust/key-log.ts"
import { readKnownLabels } from "./known-labels.ts"

export interface KeyLogParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
}

export interface SearchOptions<T> {
  readonly labels: readonly Uint8Array[]
  /**
   * Whom an answer that is wrong about an account is about. `stranger`: whoever a handle leads to. `several`: then nothing is raised, and
   * each has to be asked for alone.
   */
  readonly subject: AccountId | "stranger" | "several"
  /** Writes what was learned, in the turn that stores the head. A KeylogError of it counts as one of the answer. */
  readonly take: (tx: Transaction, verified: VerifiedSearch) => Promise<T>
  /** Asks otherwise than by a search; the answer is one all the same. */
  readonly ask?: (request: Uint8Array) => Promise<{ readonly response: Uint8Array }>
}

export type Ancestry =
  | { readonly status: "proven" | "ahead" }
  /** The log does not prove it. `path` shows that it cannot, if the server gave it (docs/transparency.md, "Evidence"). */
  | {
      readonly status: "forked"
      readonly code: KeylogErrorCode
      readonly head: HeadState
      readonly response: Uint8Array
      readonly path: readonly Uint8Array[] | undefined
    }

/** The size that an answer's proofs lead to, and the proofs. */
interface ShownHead {
  readonly size: number
  readonly consistency: readonly Uint8Array[]
  readonly inclusion: readonly Uint8Array[]
}

/** Refusals that say that the server is not up to it now; others of them mean that it has no log. */
const passing: readonly ErrorCode[] = ["rate_limited", "unauthorized", "account_suspended", "account_erased"]
/** Indices are 32 bytes each; a person's contacts and their ladders need some thousands. */
const indexMax = 50_000
const proofTries = 3
/** A server that comes back after days has a new epoch within moments. */
const stillRetryMs = 10_000

export class KeyLog {
  readonly #parts: KeyLogParts
  readonly #reader: Reader
  readonly #indices = new IndexCache({ maxEntries: indexMax })
  #loaded: Promise<void> | undefined
  #stored: StoredLog | undefined
  #tail: Promise<unknown> = Promise.resolve()

  constructor(parts: KeyLogParts) {
    this.#parts = parts
    this.#reader = readerOf(parts.transactions.database)
  }

  /** Reads what is stored. Everything else waits for it. */
  open(): Promise<void> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  /** The last head that passed every check. */
  get stored(): StoredLog | undefined {
    return this.#stored
  }

  pin(): LogPin | undefined {
    return this.#stored && pinLog(this.#parts.crypto, this.#stored.config)
  }

  /** The log's own note of that head, for others to compare. */
  gossip(): Uint8Array | undefined {
    return this.#stored && gossipNote(this.#parts.crypto, this.#stored.head)
  }

  /** How old the head is at least; 0 while there is none. */
  async ageMs(): Promise<number> {
    const { clock, session } = this.#parts
    const head = this.#stored?.head
    return head ? await headAgeMs(this.#reader, { head, nowMs: clock.nowMs(), serverAheadMs: session.serverAheadMs }) : 0
  }

  /** Whether the log has stood still for so long that nobody new is let in. */
  async isClosed(): Promise<boolean> {
    return (await this.ageMs()) >= closedAfterMs
  }

  /** @throws ClientError `log_unavailable` when nobody new is let in */
  async refuseStill(): Promise<void> {
    const ageMs = await this.ageMs()
    if (ageMs >= closedAfterMs) throw new ClientError("log_unavailable", logTexts.closed(ageMs), { retryAfterMs: stillRetryMs })
  }

  /**
   * Asks the log and checks everything about the answer; then stores it and what `take` makes of it, in one turn.
   * @throws ClientError `log_unavailable` (could not check), `log_untrusted`, `identity_untrusted` (checked and wrong; an alarm stands);
   * NetworkError; WireError `rate_limited`, `unauthorized`, `account_suspended`, `account_erased`
   */
  search<T>(options: SearchOptions<T>): Promise<T> {
    return this.#inOrder(() => this.#search(options))
  }

  /** Looks for a newer head. @throws as `search` */
  advance(): Promise<void> {
    return this.#inOrder(() => this.#advance())
  }

  /**
   * Whether another head is an ancestor of this device's, as the log must be able to prove. `ahead`: this device's is smaller.
   * @throws as `search`
   */
  prove(heard: HeardHead): Promise<Ancestry> {
    return this.#inOrder(() => this.#prove(heard))
  }

  /** Time of the epoch that put a version of the account into the log. @throws as `search`, KeylogError */
  loggedSinceMs(accountId: AccountId, version: number): Promise<number> {
    return this.#inOrder(async () => {
      const { session, crypto } = this.#parts
      const { head, config } = this.#need()
      const label = accountLabel(accountId)
      const { inclusion, vrfProof, ...rest } = await asked(() => session.asDevice(logInserted, { label, version, size: head.size }))
      const { vrfKey } = this.#checkedPin(config)
      const alpha = vrfInput(label, version)
      const mapIndex = this.#indices.get(label, version) ?? verifyVrf({ publicKey: vrfKey, alpha, proof: vrfProof }).slice(0, 32)
      return verifyInsertion(crypto, { head, mapIndex, proof: { ...rest, inclusion: hashes(inclusion) } }).timeMs
    })
  }

  async #load(): Promise<void> {
    this.#indices.add(await listIndices(this.#reader, indexMax))
    this.#stored = await findStoredLog(this.#reader)
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.open()).then(work)
    this.#tail = result.catch(() => undefined)
    return result
  }

  async #search<T>({ labels, subject, take, ask }: SearchOptions<T>): Promise<T> {
    const { transactions, session, crypto, clock, own } = this.#parts
    const config = this.#stored?.config ?? (await asked(() => session.call(logConfig, {}))).config
    const known = await readKnownLabels(crypto, this.#reader, labels)
    const request = this.#request(config, labels, known)
    const encoded = encodeSearchRequest(request)
    const send = ask ?? ((input: Uint8Array) => session.asDevice(logSearch, { request: input }))
    const { response } = await asked(() => send(encoded))
    const shown = { config, request: encoded, response, subject, labels }
    const nowMs = clock.nowMs()
    try {
      const pin = this.#checkedPin(config)
      const stored = this.#stored?.head
      const input = { pin, accountOrigin: own.origin, stored, request, response, known, indices: this.#indices, nowMs }
      const verified = verifySearch(crypto, input)
      return await transactions.run(async (tx) => {
        const log = saveStoredLog(tx, { ...verified, config, nowMs })
        await noteLook(tx, { size: verified.head.size, nowMs })
        await this.#tellChanges(tx, verified, nowMs)
        tx.after(() => {
          this.#stored = log
          this.#indices.add(verified.learned)
        })
        return await take(tx, verified)
      })
    } catch (error) {
      if (error instanceof KeylogError) throw await this.#refused(error, shown)
      throw error
    }
  }

  #request(config: Uint8Array, labels: readonly Uint8Array[], known: Awaited<ReturnType<typeof readKnownLabels>>): SearchRequest {
    const head = this.#stored?.head
    return {
      lastSize: head?.size,
      logKey: head?.logKey ?? configKey(this.#parts.crypto, config),
      knownPolicy: head && this.#parts.crypto.sha256(head.policyEntry),
      labels: labels.map((label) => {
        const before = known.get(labelKey(label))
        return { label, knownVersion: before?.kind === "account" ? before.account.state.version : undefined }
      }),
    }
  }

  /** The pin is of the server that this device is registered at. @throws KeylogError */
  #checkedPin(config: Uint8Array): LogPin {
    const pin = pinLog(this.#parts.crypto, config)
    if (pin.origin !== `${this.#parts.own.origin}/kt/1`) throw new KeylogError("wrong_origin", "the log of another server")
    return pin
  }

  #advance(): Promise<void> {
    const { accountId } = this.#parts.own
    return this.#search({ labels: [accountLabel(accountId)], subject: accountId, take: async () => {} })
  }

  async #prove(heard: HeardHead): Promise<Ancestry> {
    const { crypto, transactions } = this.#parts
    for (let tries = 0; tries < proofTries; tries++) {
      const { head } = this.#need()
      if (head.size < heard.size) return { status: "ahead" }
      const { response, shown } = await this.#shownFrom(heard.size)
      if (shown.size !== head.size) {
        await this.#advance()
        continue
      }
      try {
        verifyConsistency(crypto, { older: heard, newer: head, proof: shown.consistency })
      } catch (error) {
        if (!(error instanceof KeylogError)) throw error
        return { status: "forked", code: error.code, head, response, path: await this.#contradiction(heard, head, shown) }
      }
      await transactions.run(async (tx) => saveAncestor(tx, { note: undefined, ...heard }))
      return { status: "proven" }
    }
    throw new ClientError("log_unavailable", logTexts.movesTooFast)
  }

  async #shownFrom(lastSize: number): Promise<{ readonly response: Uint8Array; readonly shown: ShownHead }> {
    const { session, own } = this.#parts
    const request = { ...this.#request(this.#need().config, [accountLabel(own.accountId)], new Map()), lastSize }
    const { response } = await asked(() => session.asDevice(logSearch, { request: encodeSearchRequest(request) }))
    return { response, shown: shownHead(response) }
  }

  /** What shows that this device's tree begins otherwise than with the other head; undefined if the server does not give it. */
  async #contradiction(heard: HeardHead, head: HeardHead, shown: ShownHead): Promise<readonly Uint8Array[] | undefined> {
    if (heard.size === head.size) return undefined
    if (!isPowerOfTwo(heard.size)) return shown.consistency
    const root = await this.#rootAt(heard.size, head, shown).catch(() => undefined)
    return root && [root, ...shown.consistency]
  }

  async #rootAt(size: number, head: HeardHead, shown: ShownHead): Promise<Uint8Array | undefined> {
    if (size + 1 === head.size) return shown.inclusion.at(-1)
    const next = (await this.#shownFrom(size + 1)).shown
    return next.size === head.size ? rootInPath({ size, newer: head.size, path: next.consistency }) : undefined
  }

  #need(): StoredLog {
    if (!this.#stored) throw new ClientError("log_unavailable", logTexts.notCheckedYet)
    return this.#stored
  }

  /** What differs from before and is sound: people who look after the log want to hear of it. */
  async #tellChanges(tx: Transaction, { changes }: VerifiedSearch, nowMs: number): Promise<void> {
    for (const change of changes)
      await raiseAlarmOnce(tx, this.#parts.random, {
        level: "notice",
        code: change === "policy" ? "log_policy_changed" : "log_key_changed",
        text: change === "policy" ? logTexts.policyChanged : logTexts.keyChanged,
        atMs: nowMs,
      })
  }

  /** Raises what a failed check means, with its evidence, and says how the caller goes on. Nothing of the answer was stored. */
  async #refused(
    cause: KeylogError,
    shown: {
      readonly config: Uint8Array
      readonly request: Uint8Array
      readonly response: Uint8Array
      readonly subject: SearchOptions<unknown>["subject"]
    },
  ): Promise<ClientError> {
    const { transactions, random, clock, crypto, own } = this.#parts
    const { code } = cause
    const subject = typeof shown.subject === "string" ? undefined : shown.subject
    const atMs = clock.nowMs()
    const aboutAccount = isAboutAccount(code)
    if (aboutAccount && shown.subject === "several") return new ClientError("identity_untrusted", identityTexts.oneOfSeveral, { cause })
    const isOwn = subject !== undefined && equal(subject, own.accountId)
    const scope: Scope = !aboutAccount ? "log" : isOwn ? "own" : "account"
    const alarm = alarmOf(code, scope, await calledInWords(this.#reader, subject, identityTexts.thisPerson))
    if (!alarm) return unavailable(logTexts.unreadable, cause)
    // True as far as it goes, and mostly over in a moment: the watch tells of what lasts.
    if (alarm.level !== "red") return new ClientError("log_unavailable", alarm.text, { cause })
    const evidence = evidenceOf(crypto, { ...shown, code, atMs, origin: own.origin, stored: this.#stored?.head })
    const accountId = scope === "account" ? subject : undefined
    await transactions.run(async (tx) => {
      const id = await raiseAlarmOnce(tx, random, { ...alarm, accountId, atMs, evidence })
      if (scope !== "account" || accountId) await stopSending(tx, { accountId, code: alarm.code, alarmId: id })
    })
    return new ClientError(scope === "log" ? "log_untrusted" : "identity_untrusted", alarm.text, { cause })
  }
}

/** A refusal of the server's as "could not check"; what passes by itself stays what it is. @throws NetworkError, WireError, ClientError */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof WireError && !passing.includes(error.code)) throw unavailable(logTexts.noAnswer, error)
    throw error
  }
}

function unavailable(message: string, cause: unknown): ClientError {
  const retryAfterMs = cause instanceof WireError ? cause.retryAfterMs : undefined
  return new ClientError("log_unavailable", message, {
    cause,
    retryAfterMs,
  })
}

/** The key that the first checkpoint is asked under; an unreadable config is refused after the answer, with evidence. */
function configKey(crypto: CryptoProvider, config: Uint8Array): Uint8Array {
  try {
    return pinLog(crypto, config).logKey
  } catch (error) {
    if (error instanceof KeylogError) return new Uint8Array(32)
    throw error
  }
}

/** Of an answer whose proof is checked against this device's own head. @throws ClientError */
function shownHead(response: Uint8Array): ShownHead {
  try {
    const { head } = decodeSearchResponse(response)
    const { size } = parseCheckpoint(parseNote(head.checkpoint).text)
    return { size, consistency: head.consistency, inclusion: head.inclusion }
  } catch (error) {
    throw unavailable(logTexts.unreadable, error)
  }
}

function hashes(joined: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(joined.length / 32) }, (_, i) => joined.slice(32 * i, 32 * i + 32))
}
