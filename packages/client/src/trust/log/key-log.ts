// The key log as this device believes it: pinned once, and followed only by what is proven to grow out of it. Searches that go side by side are
// asked from one head, and each leads to the head that the one before it has stored, or is asked again from there.

import {
  type AccountId,
  type HeadState,
  IndexCache,
  KeylogError,
  type LogPin,
  type SearchRequest,
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

/** What was asked and answered, and not checked yet. */
interface Asked {
  readonly config: Uint8Array
  readonly known: Awaited<ReturnType<typeof readKnownLabels>>
  /** The head that was stored when it was asked for. */
  readonly stored: HeadState | undefined
  readonly request: SearchRequest
  readonly encoded: Uint8Array
  readonly response: Uint8Array
}

/** A search that waits for its turn. */
interface WaitingSearch {
  begin(): Promise<Asked>
  /** Settles the search. Never rejects. */
  finish(answer: Asked): Promise<void>
  reject(reason: unknown): void
}

/** Enough for a large group to be looked up in some forty turns, few enough for a server not to notice. */
const sideBySide = 32
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
  readonly #waiting: WaitingSearch[] = []

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
   * Asks the log and checks everything about the answer; then stores it and what `take` makes of it, in one transaction. Searches that wait
   * for one another go side by side, from one head, and what they learn is stored in the order in which they came.
   * @throws ClientError `log_unavailable` (could not check), `log_untrusted`, `identity_untrusted` (checked and wrong; an alarm stands);
   * NetworkError; WireError `rate_limited`, `unauthorized`, `account_suspended`, `account_erased`
   */
  search<T>(options: SearchOptions<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        begin: () => this.#begin(options),
        finish: async (answer) => await this.#finish(options, answer).then(resolve, reject),
        reject,
      })
      this.#inOrder(() => this.#searchTogether()).catch(reject)
    })
  }

  /** Nothing to do if the one before has taken them along. */
  async #searchTogether(): Promise<void> {
    // The first one of all pins the log.
    const some = this.#waiting.splice(0, this.#stored ? sideBySide : 1)
    const answers = await Promise.allSettled(some.map(({ begin }) => begin()))
    for (const [at, { finish, reject }] of some.entries()) {
      const answer = answers[at]
      if (answer?.status === "fulfilled") await finish(answer.value)
      else reject(answer?.reason)
    }
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

  async #search<T>(options: SearchOptions<T>): Promise<T> {
    return await this.#finish(options, await this.#begin(options))
  }

  async #begin({ labels, subject, ask }: Pick<SearchOptions<unknown>, "labels" | "subject" | "ask">): Promise<Asked> {
    const { session, crypto } = this.#parts
    const stored = this.#stored?.head
    const config = this.#stored?.config ?? (await asked(() => session.call(logConfig, {}))).config
    const known = await readKnownLabels(crypto, this.#reader, labels)
    const request = searchRequest(crypto, { config, head: stored }, labels, known)
    const encoded = encodeSearchRequest(request)
    const send = ask ?? ((input: Uint8Array) => this.#ask(subject, input))
    const { response } = await asked(() => send(encoded))
    return { config, known, stored, request, encoded, response }
  }

  async #finish<T>(options: SearchOptions<T>, { config, known, stored, request, encoded, response }: Asked): Promise<T> {
    const { transactions, crypto, clock, own } = this.#parts
    const { subject, given, take } = options
    const shown = { config, request: encoded, response, subject, given, stored }
    const nowMs = clock.nowMs()
    let verified: VerifiedSearch
    try {
      const pin = checkedPin(crypto, own.origin, config)
      verified = verifySearch(crypto, { pin, accountOrigin: own.origin, stored, request, response, known, indices: this.#indices, nowMs })
      // It grew out of the head that was stored when it was asked for. If another one was stored since, it must be that one.
      const now = this.#stored?.head
      const isSame = now?.size === verified.head.size
      if (now && isSame && !equal(now.root, verified.head.root)) throw new KeylogError("tree_consistency", "two logs of one size") // T4
      if (now === stored || isSame)
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
    return await this.#search(options)
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
