// The key log as this device believes it: pinned once, and followed only by what is proven to grow out of it. Searches go one after the
// other, so that each is checked against the head that the one before has stored.

import {
  type AccountId,
  IndexCache,
  KeylogError,
  type LogPin,
  type VerifiedSearch,
  accountLabel,
  encodeSearchRequest,
  gossipNote,
  pinLog,
  verifyInsertion,
  verifySearch,
  verifyVrf,
  vrfInput,
} from "@nodoor/keylog"
import { equal } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { logConfig, logInserted, logSearch } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { type Reader, readerOf } from "../../store/reader.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { type HeardHead, type StoredLog, findStoredLog, listIndices, saveStoredLog } from "../../store/trust/key-log.ts"
import { logTexts } from "../../texts/en.ts"
import { type Ancestry, proveAncestry } from "./ancestry.ts"
import { readKnownLabels } from "./known-labels.ts"
import { asked } from "./log-answer.ts"
import { closedAfterMs, headAgeMs, noteLook } from "./log-health.ts"
import { checkedPin, searchRequest } from "./search-request.ts"
import { type SearchSubject, refuseAnswer } from "./wrong-answer.ts"

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
  /** Whom an answer that is wrong about an account is about. */
  readonly subject: SearchSubject
  /** A key for tokens that the server gave, and that the log is asked about. */
  readonly given?: Uint8Array
  /** Writes what was learned, in the transaction that stores the head. A KeylogError of it counts as one of the answer. */
  readonly take: (tx: Transaction, verified: VerifiedSearch) => Promise<T>
  /** Asks otherwise than by a search; the answer is one all the same. */
  readonly ask?: (request: Uint8Array) => Promise<{ readonly response: Uint8Array }>
}

/** Indices are 32 bytes each; a person's contacts and their ladders need some thousands. */
const indexMax = 50_000
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
   * Asks the log and checks everything about the answer; then stores it and what `take` makes of it, in one transaction.
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
    return this.#inOrder(() => proveAncestry({ ...this.#parts, log: () => this.#need(), advance: () => this.#advance() }, heard))
  }

  /** Time of the epoch that put a version of the account into the log. @throws as `search`, KeylogError */
  loggedSinceMs(accountId: AccountId, version: number): Promise<number> {
    return this.#inOrder(async () => {
      const { session, crypto, own } = this.#parts
      const { head, config } = this.#need()
      const label = accountLabel(accountId)
      const { inclusion, vrfProof, ...rest } = await asked(() => session.alone(logInserted, { label, version, size: head.size }))
      const { vrfKey } = checkedPin(crypto, own.origin, config)
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

  async #search<T>({ labels, subject, given, take, ask }: SearchOptions<T>): Promise<T> {
    const { transactions, session, crypto, clock, own } = this.#parts
    const config = this.#stored?.config ?? (await asked(() => session.call(logConfig, {}))).config
    const known = await readKnownLabels(crypto, this.#reader, labels)
    const request = searchRequest(crypto, { config, head: this.#stored?.head }, labels, known)
    const encoded = encodeSearchRequest(request)
    const send = ask ?? ((input: Uint8Array) => this.#ask(subject, input))
    const { response } = await asked(() => send(encoded))
    const shown = { config, request: encoded, response, subject, given, stored: this.#stored?.head }
    const nowMs = clock.nowMs()
    try {
      const pin = checkedPin(crypto, own.origin, config)
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
      if (error instanceof KeylogError) throw await refuseAnswer(this.#parts, error, shown)
      throw error
    }
  }

  /** The session is shown with questions about the own account alone: whom this device asks about is nobody's business. */
  #ask(subject: SearchSubject, request: Uint8Array): Promise<{ readonly response: Uint8Array }> {
    const { session, own } = this.#parts
    const isOwn = typeof subject !== "string" && equal(subject, own.accountId)
    return isOwn ? session.asDevice(logSearch, { request }) : session.alone(logSearch, { request })
  }

  #advance(): Promise<void> {
    const { accountId } = this.#parts.own
    return this.#search({ labels: [accountLabel(accountId)], subject: accountId, take: async () => {} })
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
}

function hashes(joined: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(joined.length / 32) }, (_, i) => joined.slice(32 * i, 32 * i + 32))
}
