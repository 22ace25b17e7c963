// Checks the log while the device is open: the own account at start, hourly and when the connection comes back; the heads that members
// pass on; the leaves of every member within a day. A check that could not be made is made again. Only a check that failed stops anything.

import { KeylogError, findDevice } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { ClientError, NetworkError } from "../core/client-error.ts"
import { doubledMs } from "../core/backoff.ts"
import type { Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Trust } from "./trust.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { GossipCheck, type Heard } from "./log/gossip-check.ts"
import type { KeyLog } from "./log/key-log.ts"
import { LeafCheck } from "./device/leaf-check.ts"
import { LogHealth } from "./log/log-health.ts"
import { LogTrouble, missingAfterMs } from "./log/log-trouble.ts"
import type { Ending } from "./account/account-end.ts"
import { OwnAccount } from "./account/own-account.ts"
import { lookupTexts } from "../texts/en.ts"

export interface WatchParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly keyLog: KeyLog
  readonly trust: Trust
  readonly ending: Ending
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly own: OwnDevice
}

export interface WatchHooks {
  /** There may be something to send in this group. */
  kick(groupId: Uint8Array): void
  fault(error: unknown): void
  /** Another own device came or went. */
  ownDevicesDue(): void
}

const lookKind = "key-log"
const proveKind = "gossip"
const clocksKind = "clocks"
const outsideKind = "key-log-without-stream"
const everyMs = 3_600_000
/** A connection that comes back again and again is not a reason to look each time. */
const againAfterMs = 60_000
const retryPause = { firstMs: 500, lastMs: 300_000 }
/** Heads that come with messages are proven together, so often at most. */
const proveAfterMs = 1_000
export class Watch implements Part {
  readonly account: OwnAccount
  readonly #parts: WatchParts
  readonly #gossip: GossipCheck
  readonly #leaves: LeafCheck
  readonly #health: LogHealth
  readonly #trouble: LogTrouble
  #closed = false
  #isOnline = false
  #failures = 0
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(parts: WatchParts, hooks: WatchHooks) {
    this.#parts = parts
    this.account = new OwnAccount({ ...parts, changed: () => hooks.ownDevicesDue() })
    this.#gossip = new GossipCheck(parts)
    this.#leaves = new LeafCheck(parts, hooks)
    this.#health = new LogHealth(parts)
    this.#trouble = new LogTrouble({ ...parts, fault: (error) => hooks.fault(error) })
    parts.jobs.register({ kind: clocksKind, run: () => this.#compareClocks() })
    parts.jobs.register({ kind: outsideKind, run: () => this.#lookWithoutStream() })
    parts.jobs.register({ kind: lookKind, whileOnline: true, run: () => this.#run() })
    parts.jobs.register({ kind: proveKind, whileOnline: true, run: () => this.#prove() })
  }

  /** A device whose clock is off by days has no tokens and never reads. Its person is told of the clock all the same. */
  open(): void {
    this.#parts.jobs.schedule({ kind: clocksKind, inMs: againAfterMs })
    this.#parts.jobs.schedule({ kind: outsideKind, inMs: againAfterMs })
  }

  online(): void {
    this.#isOnline = true
    this.#failures = 0
    const sinceMs = Math.abs(this.#parts.clock.nowMs() - this.#lookedMs)
    this.#parts.jobs.schedule({ kind: lookKind, inMs: Math.max(0, againAfterMs - sinceMs) })
  }

  offline(): void {
    this.#isOnline = false
  }

  close(): void {
    this.#closed = true
  }

  /** Looks at once, or again after the look that is under way. */
  now(): void {
    this.#parts.jobs.schedule({ kind: lookKind, inMs: 0 })
  }

  /** What the log signed, as it came with a message: compared at once if it can be, else proven as soon as possible. */
  async heard(tx: Transaction, heard: Heard): Promise<void> {
    if (await this.#gossip.hear(tx, heard)) this.#parts.jobs.schedule({ kind: proveKind, inMs: proveAfterMs, keepSooner: true }, tx)
  }

  /** @throws ClientError `log_unavailable` while the own account is not in the log as this device knows it; as `KeyLog.search` */
  async ownIsLogged(): Promise<void> {
    if (await this.#parts.trust.check(this.#parts.own.accountId)) return
    if ((await this.account.look()) === "pending")
      throw new ClientError("log_unavailable", lookupTexts.ownNotLogged, { retryAfterMs: retryPause.firstMs })
  }

  /** Several claims that come up together are proven together. */
  async #prove(): Promise<void> {
    try {
      await this.#gossip.proveAll()
    } catch (error) {
      await this.#failed(error)
    }
  }

  /** Everything that is due. Never throws. */
  async #run(): Promise<{ readonly againInMs: number }> {
    let waitMs = everyMs
    try {
      if ((await this.account.look()) === "pending") waitMs = this.#backoff()
      else {
        this.#failures = 0
        this.#lookedMs = this.#parts.clock.nowMs()
      }
      if (await this.#gossip.proveAll()) waitMs = Math.min(waitMs, retryPause.lastMs)
      await this.#leaves.look()
      if (await this.#health.look()) waitMs = Math.min(waitMs, missingAfterMs)
      this.#trouble.over()
      await this.#giveRecoveryKey()
      await this.#learnTimes()
    } catch (error) {
      waitMs = this.#backoff()
      if (isUnknown(error)) await this.#lookFromOutside(error)
      else await this.#failed(error)
    }
    await this.#health.compareClocks().catch(() => undefined) // the next look tries again
    this.#parts.transactions.trace.line("trust", "look", { ok: this.#failures === 0, failures: this.#failures, nextMs: waitMs })
    return { againInMs: waitMs }
  }

  /** Who keeps the stream from a device does not keep it from seeing what becomes of its account. Without any network there is nothing to tell. */
  async #lookWithoutStream(): Promise<{ readonly againInMs: number }> {
    if (this.#isOnline) return { againInMs: everyMs }
    try {
      if ((await this.account.look()) !== "pending") this.#lookedMs = this.#parts.clock.nowMs()
    } catch (error) {
      if (isUnknown(error)) await this.#lookFromOutside(error)
      else if (!(error instanceof NetworkError)) await this.#failed(error)
    }
    return { againInMs: everyMs }
  }

  /** A device that the server no longer knows can still ask, as anybody may, what became of its account. Where it is out, that is all there is to know. */
  async #lookFromOutside(refusal: unknown): Promise<void> {
    try {
      const status = await this.account.lookFromOutside()
      const account = await this.account.known()
      const isOut = status === "unknown" || (account && !findDevice(account.state, this.#parts.own.deviceId))
      if (isOut) this.#trouble.over()
      else await this.#failed(refusal)
    } catch (error) {
      await this.#failed(error)
    }
  }

  /** Asks nobody: the server said its time when the session began. */
  async #compareClocks(): Promise<{ readonly againInMs: number }> {
    await this.#health.compareClocks().catch(() => undefined) // the next look tries again
    return { againInMs: everyMs }
  }

  /** If the server does not take the update now, the next check tries again. A reset of an account without a key is noticed either way. */
  async #giveRecoveryKey(): Promise<void> {
    try {
      await this.account.giveRecoveryKey()
    } catch (error) {
      const known = error instanceof ClientError || error instanceof NetworkError || error instanceof WireError
      if (!known) throw error
    }
  }

  /** Until the log proves it, nothing is said of when a device was added. The next check asks again. */
  async #learnTimes(): Promise<void> {
    try {
      await this.account.learnTimes()
    } catch (error) {
      const known =
        error instanceof ClientError || error instanceof NetworkError || error instanceof WireError || error instanceof KeylogError
      if (!known) throw error
    }
  }

  #backoff(): number {
    return doubledMs(++this.#failures, retryPause)
  }

  async #failed(error: unknown): Promise<void> {
    if (!this.#closed) await this.#trouble.failed(error)
  }
}

/** Whether the server says that it does not know this device. */
function isUnknown(error: unknown): boolean {
  return error instanceof WireError && error.code === "unauthorized"
}
