// Putting one device together from its ports and its store.

import { toHex } from "@nodoor/bytes"
import { members } from "@nodoor/mls"
import { tellBlocks } from "../chat/blocking.ts"
import { Typing } from "../chat/typing.ts"
import { Removals } from "../group/membership/removals.ts"
import { AccountEnd } from "../trust/account/account-end.ts"
import { accountTexts } from "../texts/en.ts"
import { changedEvents } from "../view/changed-events.ts"
import type { ClientEvent } from "../view/event.ts"
import type { Changes } from "../core/changes.ts"
import { readerOf } from "../store/reader.ts"
import { Jobs } from "../core/jobs.ts"
import { jobStore } from "../store/jobs.ts"
import type { Device } from "./api.ts"
import { completeContacts } from "../trust/name/called.ts"
import { ClientError, asClientError } from "../core/client-error.ts"
import { CanaryWatch } from "../trust/operator/canary.ts"
import { ContentIntake } from "../content/content-intake.ts"
import { makeDevice } from "./device.ts"
import { GroupStates } from "../group/group-states.ts"
import { Intake } from "../receiving/intake.ts"
import type { Kernel } from "../core/kernel.ts"
import { OperatorNotices } from "../trust/operator/operator-notices.ts"
import { replenishKeyPackages } from "../group/join/key-packages.ts"
import { forgetLateKeys } from "../receiving/late-keys.ts"
import { Mailbox } from "../receiving/mailbox.ts"
import { Outbox } from "../sending/outbox.ts"
import { enqueueProposals } from "../store/group/outbox-item.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { findOwnDevice } from "../store/device.ts"
import type { Ports } from "../core/ports.ts"
import { type Registration, completeRegistration, registerAccount } from "./registration.ts"
import { Renewals } from "../sending/renewal.ts"
import { Session } from "../core/session.ts"
import { indexDue } from "../store/chat/search.ts"
import { StoreError } from "../core/store-error.ts"
import { findGroup } from "../store/group/groups.ts"
import { migrate } from "../store/schema.ts"
import { KeyLog } from "../trust/log/key-log.ts"
import { Watch } from "../trust/watch.ts"
import { Trust } from "../trust/trust.ts"
import { type Transaction, Transactions } from "../core/transaction.ts"

/** Receipts that come up within this time go out in one report. */
const receiptDelayMs = 300
/** Members commit somebody's proposal in the order of their leaves, this far apart, so that mostly one does. */
const proposalStepMs = 2_000
const proposalStepsMax = 10
const keyPackageRetryMs = 60_000
const lateKeysEveryMs = 6 * 3_600_000
const settlePollMs = 25
const pendingText = "The end of your account is signed and kept on this device; it is sent again until the key log holds it."
/** The end of the account is sent again, and the log asked again why the server refuses, after this and then later and later. */
const firstEndRetryMs = 3_000
const lastEndRetryMs = 3_600_000

/** Registers an account in an empty store and opens its first device. @throws ClientError */
export async function createDevice(ports: Ports, registration: Registration): Promise<Device> {
  try {
    await registerAccount(ports, registration)
  } catch (error) {
    throw asClientError(error)
  }
  return await openDevice(ports)
}

/** @throws ClientError `not_registered`, `store_newer`, `store_unreadable`, `store_full`, `store_busy`, `store_failing`, `store_damaged` */
export async function openDevice(ports: Ports): Promise<Device> {
  try {
    return await opened(ports)
  } catch (error) {
    throw asClientError(error)
  }
}

async function opened(ports: Ports): Promise<Device> {
  await migrate(ports.database)
  await completeContacts(ports.database, ports.crypto)
  let own = await findOwnDevice(readerOf(ports.database))
  if (own?.status === "registering") {
    await completeRegistration(ports)
    own = await findOwnDevice(readerOf(ports.database))
  }
  if (!own) throw new ClientError("not_registered", "There is no account in this store. Register first.")
  return await new Opening(ports, own).open()
}

/** The parts of an open device and what runs between them. */
class Opening {
  readonly #ports: Ports
  readonly #kernel: Kernel
  readonly #jobs: Jobs
  readonly #renewals: Renewals
  readonly #mailbox: Mailbox
  readonly #outbox: Outbox
  readonly #notices: OperatorNotices
  readonly #typing: Typing
  readonly #canary: CanaryWatch
  readonly #ending: AccountEnd
  readonly #listeners = new Set<(event: ClientEvent) => void>()
  readonly #timers = new Map<string, () => void>()
  /** How often something was tried in vain. */
  readonly #tries = new Map<string, number>()
  readonly #receiptsReady = new Set<string>()
  #closed = false

  constructor(ports: Ports, own: OwnDevice) {
    this.#ports = ports
    const { clock, timers, random, crypto, network, database } = ports
    const transactions = new Transactions(database, { show: (changes) => this.#show(changes), fault: (error) => this.#fault(error) })
    const session = new Session({ network, clock, crypto }, own, () => this.#mailbox.look())
    const fault = (error: unknown): void => this.#fault(error)
    this.#jobs = new Jobs({ transactions, clock, timers, store: jobStore(readerOf(database)), fault })
    const states = new GroupStates({ crypto, clock })
    const keyLog = new KeyLog({ transactions, session, crypto, random, clock, own })
    const trust = new Trust({ transactions, session, keyLog, crypto, random, clock, timers, own })
    this.#ending = new AccountEnd({ transactions, states, crypto, own }, { ended: () => this.#end() })
    const watch = new Watch(
      { transactions, session, keyLog, trust, ending: this.#ending, crypto, random, clock, timers, own },
      { kick: (groupId) => this.#outbox.kick(groupId), fault: (error) => this.#fault(error) },
    )
    this.#renewals = new Renewals({
      own,
      clock,
      timers,
      random,
      crypto,
      transactions,
      kick: (groupId) => this.#outbox.kick(groupId),
      fault: (error) => this.#fault(error),
    })
    this.#kernel = {
      own,
      clock,
      timers,
      random,
      crypto,
      transactions,
      states,
      session,
      jobs: this.#jobs,
      trust,
      keyLog,
      watch,
      renewals: this.#renewals,
      kick: (groupId) => this.#outbox.kick(groupId),
      proposalsWait: (groupId) => this.#scheduleProposals(groupId),
      receiptsWait: (groupId) => this.#scheduleReceipts(groupId),
      receiptsReady: (groupId) => this.#receiptsReady.delete(toHex(groupId)),
      keyPackageUsed: () => this.#scheduleKeyPackages(0),
      fault: (error) => this.#fault(error),
    }
    this.#outbox = new Outbox(this.#kernel)
    this.#notices = new OperatorNotices(this.#kernel)
    this.#canary = new CanaryWatch(this.#kernel)
    this.#typing = new Typing({ ...this.#kernel, removals: new Removals(this.#kernel) })
    const intake = new Intake(this.#kernel, new ContentIntake(this.#kernel))
    this.#mailbox = new Mailbox(this.#kernel, {
      intake,
      network,
      events: {
        status: (connection) => {
          this.#emit({ type: "connection", connection })
          if (connection.status === "online") this.#online()
          else if (connection.status !== "connecting") {
            this.#jobs.offline()
            this.#outbox.offline()
            this.#renewals.offline()
            this.#kernel.watch.offline()
            this.#notices.offline()
            this.#canary.offline()
            if (connection.status === "refused" && connection.code === "unauthorized") this.#askWhy()
          }
        },
        ephemeral: (tx, groupId, body) => this.#ephemeral(tx, groupId, body),
      },
    })
  }

  async open(): Promise<Device> {
    await this.#kernel.keyLog.open()
    await this.#jobs.open()
    if (this.#ending.over) this.#end()
    else await this.#mailbox.open()
    indexDue(this.#kernel.transactions, () => this.#closed).catch((error: unknown) => this.#fault(error))
    return makeDevice({
      kernel: this.#kernel,
      mailbox: this.#mailbox,
      outbox: this.#outbox,
      notices: this.#notices,
      typing: this.#typing,
      canary: this.#canary,
      listeners: this.#listeners,
      over: () => this.#ending.over,
      deleteAccount: () => this.#deleteAccount(),
      settled: (timeoutMs) => this.#settled(timeoutMs),
      close: () => this.#close(),
    })
  }

  async #show(changes: Changes): Promise<void> {
    for (const event of await changedEvents(readerOf(this.#ports.database), changes)) this.#emit(event)
  }

  /** A listener that throws keeps the event from nobody else, and undoes nothing. The others hear of it, unless that is what they are told. */
  #emit(event: ClientEvent, { isFault = false }: { readonly isFault?: boolean } = {}): void {
    if (this.#closed) return
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        if (!isFault) this.#fault(error)
      }
    }
  }

  #online(): void {
    this.#kernel.transactions.showChanges()
    this.#jobs.online()
    this.#scheduleKeyPackages(0)
    this.#kernel.watch.online()
    this.#renewals.online()
    this.#scheduleLateKeys(0)
    this.#notices.online()
    this.#canary.online()
    this.#tries.clear()
    this.#endAgain()
    // What is left over is told the next time.
    tellBlocks(this.#kernel).catch(() => undefined)
    this.#wake().catch((error: unknown) => this.#fault(error))
  }

  async #wake(): Promise<void> {
    const due = await this.#ports.database.read("SELECT DISTINCT group_id FROM receipt_due")
    for (const row of due) this.#scheduleReceipts(row["group_id"] as Uint8Array)
    const proposed = await this.#ports.database.read("SELECT group_id FROM mls_group WHERE proposals > 0")
    for (const row of proposed) this.#scheduleProposals(row["group_id"] as Uint8Array)
    await this.#outbox.online()
  }

  /** Runs once after the delay unless it is waiting already. */
  #later(name: string, delayMs: number, work: () => void): void {
    if (this.#closed || this.#ending.over || this.#timers.has(name)) return
    this.#timers.set(
      name,
      this.#ports.timers.after(delayMs, () => {
        this.#timers.delete(name)
        if (!this.#closed) work()
      }),
    )
  }

  #scheduleReceipts(groupId: Uint8Array): void {
    const id = toHex(groupId)
    this.#later(`receipts/${id}`, receiptDelayMs, () => {
      this.#receiptsReady.add(id)
      this.#outbox.kick(groupId)
    })
  }

  /** The remaining members take their turns by leaf; the one that proposed its own leave commits nothing. */
  #scheduleProposals(groupId: Uint8Array): void {
    const run = (): void => {
      this.#kernel.transactions
        .run(async (tx) => {
          const group = await findGroup(tx, groupId)
          if (group?.status !== "active" || group.proposals === 0) return
          await enqueueProposals(tx, groupId)
          tx.after(() => this.#outbox.kick(groupId))
        })
        .catch((error: unknown) => this.#fault(error))
    }
    this.#kernel.transactions
      .run(async (tx) => {
        const state = await this.#kernel.states.find(tx, groupId)
        if (!state) return
        const rank = members(state).filter((member) => member.leafIndex < state.ownLeafIndex).length
        tx.after(() => this.#later(`proposals/${toHex(groupId)}`, Math.min(rank, proposalStepsMax) * proposalStepMs, run))
      })
      .catch((error: unknown) => this.#fault(error))
  }

  #scheduleKeyPackages(delayMs: number): void {
    this.#later("key-packages", delayMs, () => {
      replenishKeyPackages(this.#kernel).catch((error: unknown) => {
        if (error instanceof StoreError) this.#fault(error)
        this.#scheduleKeyPackages(keyPackageRetryMs)
      })
    })
  }

  #scheduleLateKeys(delayMs: number): void {
    this.#later("late-keys", delayMs, () => {
      const again = (): void => this.#scheduleLateKeys(lateKeysEveryMs)
      forgetLateKeys(this.#kernel).then(again, (error: unknown) => {
        this.#fault(error)
        again()
      })
    })
  }

  async #deleteAccount(): Promise<void> {
    if (this.#ending.over) return
    try {
      await this.#kernel.watch.account.end()
    } catch (error) {
      if (!(await this.#ending.signed())) throw error
      this.#again("end", () => this.#endAgain())
      const failure = asClientError(error)
      const code = failure instanceof ClientError ? failure.code : "unreachable"
      throw new ClientError(code, pendingText, { cause: error })
    }
  }

  /** A deletion that was cut short goes on. */
  #endAgain(): void {
    this.#kernel.watch.account.endAgain().catch(() => this.#again("end", () => this.#endAgain()))
  }

  /** The server does not know this device any more: the log, asked as anybody may, says whether the account ended. */
  #askWhy(): void {
    // The log follows what is stored by a moment: it is asked again although it has answered.
    const again = (): void => this.#again("why", () => this.#askWhy())
    this.#kernel.watch.account.lookFromOutside().then(again, again)
  }

  #again(name: string, work: () => void): void {
    const tries = this.#tries.get(name) ?? 0
    this.#tries.set(name, tries + 1)
    this.#later(name, Math.min(lastEndRetryMs, firstEndRetryMs * 2 ** Math.min(tries, 12)), work)
  }

  /** The account is over: nothing runs any more, what is stored stays readable. */
  #end(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#jobs.close()
    this.#kernel.watch.close()
    this.#notices.close()
    this.#canary.close()
    this.#outbox.close()
    this.#renewals.offline()
    this.#mailbox.end("account_deleted", accountTexts.over)
  }

  async #ephemeral(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<void> {
    const signal = await this.#typing.hear(tx, groupId, body)
    if (!signal) return
    const { chatId, accountId, untilMs } = signal
    tx.after(() => this.#emit({ type: "typing", chatId: toHex(chatId), accountId: toHex(accountId), untilMs }))
  }

  /** A store that fails is waited for. Anything else is a bug: shown as an alarm to whoever listens; the person decides what to do. */
  #fault(error: unknown): void {
    if (this.#closed) return
    if (error instanceof StoreError) return this.#mailbox.storeFailed(error)
    const text = error instanceof Error ? `${error.name}: ${error.message}` : "unknown"
    const alarm = {
      id: toHex(this.#ports.random(16)),
      level: "warn" as const,
      code: "internal",
      chatId: undefined,
      accountId: undefined,
      text: `Something went wrong on this device (${text}).`,
      atMs: this.#ports.clock.nowMs(),
    }
    this.#emit({ type: "alarm", alarm }, { isFault: true })
  }

  async #settled(timeoutMs: number): Promise<boolean> {
    const endMs = this.#ports.clock.nowMs() + timeoutMs
    for (;;) {
      if (this.#closed) return false
      await this.#kernel.transactions.idle()
      if (await this.#isSettled()) return true
      if (this.#ports.clock.nowMs() >= endMs) return false
      await new Promise<void>((resolve) => this.#ports.timers.after(settlePollMs, resolve))
    }
  }

  async #isSettled(): Promise<boolean> {
    if (this.#ending.over) return true
    if (!this.#mailbox.caughtUp || (await this.#mailbox.hasUndecided())) return false
    const [row] = await this.#ports.database.read(
      `SELECT
         (SELECT COUNT(*) FROM outbox o JOIN mls_group g ON g.group_id = o.group_id WHERE g.status IN ('active', 'leaving') AND o.status != 'failed' AND NOT (o.kind != 'commit' AND o.status = 'placed')
            AND NOT (o.kind IN ('content', 'commit') AND EXISTS (SELECT 1 FROM chat c LEFT JOIN contact p ON p.account_id = c.peer
              WHERE c.chat_id = g.chat_id AND (c.state = 'request' OR p.blocked = 1)))) +
         (SELECT COUNT(*) FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.state = 'active' AND g.profile_due = 2
            AND EXISTS (SELECT 1 FROM member m WHERE m.group_id = g.group_id AND m.account_id != ?)) +
         (SELECT COUNT(*) FROM receipt_due r JOIN mls_group g ON g.group_id = r.group_id JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.state = 'active') +
         (SELECT COUNT(*) FROM key_package WHERE message IS NOT NULL) +
         (SELECT NOT EXISTS (SELECT 1 FROM key_package)) AS n`,
      [this.#kernel.own.accountId],
    )
    return Number(row?.["n"] ?? 0) === 0
  }

  async #close(): Promise<void> {
    this.#closed = true
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#jobs.close()
    this.#kernel.watch.close()
    this.#notices.close()
    this.#canary.close()
    this.#mailbox.close()
    this.#outbox.close()
    this.#renewals.offline()
    await this.#kernel.transactions.idle()
    await this.#ports.database.close()
  }
}
