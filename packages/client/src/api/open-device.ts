// Putting one device together from its ports and its store.

import { bytes, toHex } from "@nodoor/bytes"
import { Backups } from "../archive/backup/backups.ts"
import { RestoredGroups } from "../archive/restored-groups.ts"
import { Typing } from "../chat/typing.ts"
import { compose, composeHistory, composeProfile, composeReceipts } from "../content/compose.ts"
import { ContentIntake } from "../content/content-intake.ts"
import { history } from "../content/history.ts"
import { introduction } from "../content/introduction.ts"
import { sync as syncContent } from "../content/sync.ts"
import { keyPackage } from "../content/key-package.ts"
import { ownKeyPackages } from "../content/own-key-packages.ts"
import type { Changes } from "../core/changes.ts"
import { ClientError, asClientError } from "../core/client-error.ts"
import { Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Ports } from "../core/ports.ts"
import { Session } from "../core/session.ts"
import { type Trace, noTrace } from "../core/trace.ts"
import { StoreError } from "../core/store-error.ts"
import { type Transaction, Transactions } from "../core/transaction.ts"
import { ProposalTiming } from "../group/commit/proposal-timing.ts"
import { endedHealing } from "../group/rejoin/healing.ts"
import { GroupStates } from "../group/group-states.ts"
import { Removals } from "../group/membership/removals.ts"
import { OwnDevices } from "../group/own-devices/own-devices.ts"
import { Successors } from "../group/successor/successors.ts"
import { listSeatsToRead } from "../group/seat/seats-to-read.ts"
import { IntroductionIntake } from "../group/join/introduction-intake.ts"
import { KeyPackageSupply } from "../group/join/key-package-supply.ts"
import { replenishKeyPackages } from "../group/join/key-packages.ts"
import { dueSpare } from "../group/join/spare-key-package.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import { Intake } from "../receiving/intake.ts"
import { LateKeys } from "../receiving/late-keys.ts"
import { ServerHosts } from "../receiving/server-hosts.ts"
import { Reading } from "../receiving/reading.ts"
import { RejoinRequests } from "../receiving/rejoin-requests.ts"
import { Introductions } from "../receiving/introductions.ts"
import { IntroductionSending } from "../sending/introductions.ts"
import { ServerBlobs } from "../sending/blobs.ts"
import { RejoinAsking } from "../sending/rejoin/rejoin-asking.ts"
import { Outbox } from "../sending/outbox.ts"
import { Passes } from "../sending/passes.ts"
import { Posting } from "../sending/posting.ts"
import { ReceiptTiming } from "../sending/receipt-timing.ts"
import { outgoingKinds } from "../sending/outgoing-kinds.ts"
import { Renewals } from "../sending/renewals.ts"
import { Tokens } from "../sending/tokens.ts"
import { completeLinking } from "../link/new-link.ts"
import { HistoryGiving } from "../link/history-giving.ts"
import { HistoryTaking } from "../link/history-taking.ts"
import { OldLink } from "../link/old-link.ts"
import { Sync } from "../sync/sync.ts"
import { indexDue } from "../store/chat/search.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { findOwnDevice } from "../store/device.ts"
import { jobStore } from "../store/jobs.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { accountTexts } from "../texts/en.ts"
import { linkTexts } from "../texts/en-link.ts"
import { AccountDeletion } from "../trust/account/account-deletion.ts"
import { type Recovery, finishRecovery, startOver } from "../trust/recovery/recover-account.ts"
import { AccountEnd } from "../trust/account/account-end.ts"
import { KeyLog } from "../trust/log/key-log.ts"
import { completeContacts } from "../trust/name/called.ts"
import { CanaryWatch } from "../trust/operator/canary-watch.ts"
import { OperatorNotices } from "../trust/operator/operator-notices.ts"
import { TokenKeys } from "../trust/token/token-keys.ts"
import { Trust } from "../trust/trust.ts"
import { Watch } from "../trust/watch.ts"
import { changedEvents } from "../view/changed-events.ts"
import { RecoveryEvents } from "../view/recovery.ts"
import { Views } from "../view/views.ts"
import type { OpenDevice } from "./api.ts"
import { type ActionParts, makeDevice } from "./device.ts"
import { Listeners } from "./listeners.ts"
import { type DeviceRegistration, completeRegistration, registerAccount } from "./registration.ts"
import { settled } from "./settling.ts"

/** What a store that failed kept from being shown is read again after this. */
const showAgainMs = 1_000

/** Registers an account in an empty store and opens its first device. @throws ClientError */
export async function createDevice(ports: Ports, registration: DeviceRegistration): Promise<OpenDevice> {
  try {
    await registerAccount(ports, registration)
  } catch (error) {
    throw asClientError(error)
  }
  return await openDevice(ports)
}

/**
 * Brings an account back onto a device whose store is empty, and opens it. The account's other devices are out of it from then on. Messages come
 * from a backup, if there is one.
 * @throws ClientError `invalid_input` for words that are none, `recovery_words_wrong`, `recovery_impossible`, `not_found`, `log_untrusted`, …
 */
export async function recoverAccount(ports: Ports, recovery: Recovery): Promise<OpenDevice> {
  try {
    await startOver(ports, recovery)
  } catch (error) {
    throw asClientError(error)
  }
  return await openDevice(ports)
}

/** @throws ClientError `not_registered`, `store_newer`, `store_unreadable`, `store_full`, `store_busy`, `store_failing`, `store_damaged` */
export async function openDevice(ports: Ports): Promise<OpenDevice> {
  try {
    return await opened(ports)
  } catch (error) {
    throw asClientError(error)
  }
}

async function opened(ports: Ports): Promise<OpenDevice> {
  await migrate(ports.database)
  await completeContacts(ports.database, ports.crypto)
  let own = await findOwnDevice(readerOf(ports.database))
  if (own?.status === "registering") {
    await completeRegistration(ports)
    own = await findOwnDevice(readerOf(ports.database))
  }
  if (!own) throw new ClientError("not_registered", accountTexts.notRegistered)
  if (own.status === "recovering") {
    await finishRecovery(ports)
    own = { ...own, status: "active" }
  }
  if (own.status === "linking") {
    if (!(await completeLinking(ports, own))) throw new ClientError("link_unfinished", linkTexts.unfinished)
    own = { ...own, status: "active" }
  }
  return await new Opening(ports, own).open()
}

/** The parts of an open device and what runs between them. */
class Opening {
  readonly #ports: Ports
  readonly #trace: Trace
  readonly #transactions: Transactions
  readonly #keyLog: KeyLog
  /** What the actions of a person use. */
  readonly #actions: ActionParts
  readonly #jobs: Jobs
  readonly #views: Views
  readonly #reading: Reading
  readonly #outbox: Outbox
  readonly #passes: Passes
  readonly #notices: OperatorNotices
  readonly #typing: Typing
  readonly #canary: CanaryWatch
  readonly #ending: AccountEnd
  readonly #deletion: AccountDeletion
  readonly #lateKeys: LateKeys
  readonly #keyPackages: KeyPackageSupply
  readonly #link: OldLink
  readonly #backups: Backups
  readonly #ownDevices: OwnDevices
  readonly #watch: Watch
  readonly #sync: Sync
  readonly #recovery: RecoveryEvents
  readonly #listeners: Listeners
  /** In the order in which they are told that the device is connected. */
  readonly #parts: readonly Part[]
  #closed = false

  constructor(ports: Ports, own: OwnDevice) {
    this.#ports = ports
    const { clock, timers, random, crypto, network, database, trace = noTrace } = ports
    this.#trace = trace
    const reader = readerOf(database)
    this.#listeners = new Listeners({ clock, random, trace, storeFailed: (error) => this.#reading.storeFailed(error) })
    const fault = (error: unknown): void => this.#listeners.fault(error)
    const kick = (groupId: Uint8Array): void => this.#outbox.kick(groupId)
    const transactions = new Transactions(database, { show: (changes) => this.#show(changes), fault, trace })
    this.#transactions = transactions
    const session = new Session({ network, clock, crypto, trace }, own, {
      unanswered: () => this.#reading.look(),
      refused: (code) => this.#reading.keptOut(code),
      forgotten: () => introducing.forgotten().catch(fault),
    })
    const jobs = new Jobs({ transactions, clock, timers, store: jobStore(reader), fault, trace })
    this.#jobs = jobs
    this.#recovery = new RecoveryEvents(reader)
    jobs.register({ kind: "show", run: async () => transactions.showChanges() })
    const states = new GroupStates({ crypto, clock })
    const keyLog = new KeyLog({ transactions, session, crypto, random, clock, own })
    this.#keyLog = keyLog
    const trust = new Trust({ transactions, session, keyLog, crypto, random, clock, timers, own })
    this.#views = new Views({ database, own, trust, crypto, clock })
    this.#ending = new AccountEnd({ transactions, states, crypto, own }, { ended: () => this.#end() })
    const watch = (this.#watch = new Watch(
      { transactions, session, keyLog, trust, ending: this.#ending, crypto, random, clock, jobs, own },
      { kick, fault, ownDevicesDue: () => this.#ownDevices.look() },
    ))
    const renewals = new Renewals({ own, clock, random, crypto, transactions, jobs, kick })
    const receipts = new ReceiptTiming({ jobs, reader, random, kick, fault })
    const proposals = new ProposalTiming({ jobs, transactions, states, kick, fault })
    const keyPackages = (this.#keyPackages = new KeyPackageSupply({ jobs, replenish: () => replenishKeyPackages(shared) }))
    this.#deletion = new AccountDeletion({ jobs, ending: this.#ending, account: watch.account })
    this.#lateKeys = new LateKeys({ jobs, transactions, states })
    const tokenKeys = new TokenKeys({ transactions, session, keyLog, crypto, clock })
    const tokens = new Tokens({
      own,
      session,
      transactions,
      clock,
      random,
      timers,
      crypto,
      blindSignatures: ports.blindSignatures,
      jobs,
      tokenKeys: () => tokenKeys.verifiedTokenKeys(),
    })
    this.#passes = new Passes({ session, transactions, tokens, fault })
    const hosts = new ServerHosts({ own, network, jobs, transactions })
    const posting = new Posting({ network, passes: this.#passes.forPosting, jobs, hostUrl: () => hosts.url("posting"), fault })
    const blobs = new ServerBlobs({
      network,
      passes: this.#passes.forPosting,
      random,
      timers,
      postUrl: () => hosts.url("posting"),
      readUrl: () => hosts.url("reading"),
    })
    const pass = (tx: Transaction, group: GroupRow, sealed: Uint8Array): Promise<unknown> =>
      compose(shared, tx, group, { type: introduction, input: { sealed } })
    const introducing = new IntroductionSending({ jobs, session, transactions, clock, random, pass })
    const sync: Sync = (this.#sync = new Sync({
      own,
      crypto,
      session,
      transactions,
      jobs,
      watch,
      kick,
      receiptsWait: (groupId) => receipts.wait(groupId),
      proposalsWait: (groupId) => proposals.wait(groupId),
      post: (tx, group, entries): Promise<unknown> => compose(shared, tx, group, { type: syncContent, input: { entries } }),
      fault,
    }))
    const shared = {
      own,
      clock,
      timers,
      random,
      crypto,
      transactions,
      states,
      session,
      posting,
      blobs,
      tokens,
      jobs,
      trust,
      keyLog,
      watch,
      renewals,
      sync,
      kick,
      proposalsWait: (groupId: Uint8Array) => proposals.wait(groupId),
      receiptsWait: (groupId: Uint8Array) => receipts.wait(groupId),
      introductionArrived: () => introductions.arrived(),
      introductionsDue: () => introducing.due(),
      ownDevicesDue: () => ownDevices.look(),
      historyArrived: () => taking.arrived(),
      rejoinDue: (groupId: Uint8Array) => asking.due(groupId),
      healed: (tx: Transaction, at: Parameters<typeof endedHealing>[2]) => endedHealing(shared, tx, at),
      seatsChanged: () => {
        this.#reading.seatsChanged()
        ownDevices.lookSoon()
      },
      joinPending: () => this.#reading.seatsChanged(),
      keyPackageUsed: () => {
        keyPackages.used()
        ownDevices.look()
      },
      fault,
    }
    this.#actions = shared
    const successors = new Successors(shared)
    const asking = new RejoinAsking(shared)
    const requests = new RejoinRequests(shared)
    const introductions = new Introductions({ jobs, session, transactions, clock, intake: new IntroductionIntake(shared) })
    const ownDevices = (this.#ownDevices = new OwnDevices({
      ...shared,
      leave: (tx, group, input) => compose(shared, tx, group, { type: ownKeyPackages, input }),
      progress: (groups) => this.#link.progress({ groups }),
    }))
    this.#link = new OldLink({
      ...shared,
      network,
      account: watch.account,
      deviceAdded: () => {
        watch.now()
        ownDevices.look()
        giving.due()
      },
      show: (link) => this.#listeners.emit({ type: "link", link }),
    })
    const giving = new HistoryGiving({
      ...shared,
      tell: (tx, group, { deviceId, ...part }) =>
        compose(shared, tx, group, { type: history, input: { ...part, deviceId: bytes<"DeviceId">(deviceId) } }),
      progress: (given) => this.#link.progress({ history: given }),
    })
    const taking = new HistoryTaking({ ...shared, show: (link) => this.#listeners.emit({ type: "link", link }) })
    const restored = new RestoredGroups({ ...shared, asking, known: () => watch.account.known() })
    this.#backups = new Backups({
      ...shared,
      reader,
      bucket: ports.bucket,
      sync: (tx, entries) => sync.takeArchived(tx, entries),
      chatsAreHere: () => {
        ownDevices.look()
        restored.look()
      },
      show: (backup) => this.#listeners.emit({ type: "backup", backup }),
    })
    const due = {
      history: (tx: Transaction, group: GroupRow) => composeHistory(shared, tx, group),
      profile: (tx: Transaction, group: GroupRow) => composeProfile(shared, tx, group),
      receipts: async (tx: Transaction, group: GroupRow) => receipts.take(group.groupId) && (await composeReceipts(shared, tx, group)),
      spare: (tx: Transaction, group: GroupRow) => leaveSpare(shared, tx, group),
      sync: (tx: Transaction, group: GroupRow) => sync.due(tx, group),
    }
    this.#outbox = new Outbox(shared, outgoingKinds({ ...shared, due }))
    this.#notices = new OperatorNotices(shared)
    this.#canary = new CanaryWatch(shared)
    this.#typing = new Typing({ ...shared, removals: new Removals(shared) })
    this.#reading = new Reading({
      ...shared,
      readHost: () => hosts.url("reading"),
      lost: (inARow) => hosts.failed(inARow),
      passes: this.#passes.forReading,
      seats: { list: () => listSeatsToRead(crypto, reader) },
      intake: new Intake({ ...shared, successors, content: new ContentIntake(shared) }),
      network,
      events: {
        status: (connection) => this.#connection(connection),
        ephemeral: (tx, groupId, body) => this.#ephemeral(tx, groupId, body),
        rejoin: (tx, groupId, request) => requests.take(tx, groupId, request),
      },
    })
    this.#parts = [
      jobs,
      keyPackages,
      watch,
      renewals,
      this.#notices,
      this.#canary,
      this.#deletion,
      receipts,
      proposals,
      successors,
      tokens,
      posting,
      hosts,
      introductions,
      introducing,
      ownDevices,
      this.#link,
      giving,
      taking,
      this.#backups,
      restored,
      sync,
      asking,
      requests,
      this.#outbox,
    ]
  }

  async open(): Promise<OpenDevice> {
    await this.#keyLog.open()
    await this.#jobs.open()
    await this.#recovery.open()
    await this.#passes.open()
    if (this.#ending.over) this.#end()
    else {
      this.#lateKeys.open()
      this.#keyPackages.open()
      this.#watch.open()
      await this.#reading.open()
    }
    indexDue(this.#transactions, () => this.#closed).catch((error: unknown) => this.#listeners.fault(error))
    const isOver = (): boolean => this.#ending.over
    const { clock, timers } = this.#ports
    const { own } = this.#actions
    const transactions = this.#transactions
    const settling = { clock, timers, own, transactions, reading: this.#reading, isOver, isClosed: () => this.#closed }
    return makeDevice({
      actions: this.#actions,
      views: this.#views,
      reading: this.#reading,
      outbox: this.#outbox,
      notices: this.#notices,
      typing: this.#typing,
      canary: this.#canary,
      link: this.#link,
      backups: this.#backups,
      subscribe: (listener) => this.#listeners.add(listener),
      over: isOver,
      deleteAccount: () => this.#deletion.delete(),
      settled: (timeoutMs) => settled(settling, timeoutMs),
      close: () => this.#close(),
    })
  }

  async #show(changes: Changes): Promise<void> {
    this.#sync.changed(changes)
    const sources = {
      parts: this.#views.parts,
      notices: () => this.#notices.stored(),
      canary: () => this.#canary.view(),
      recovery: (changed: Changes) => this.#recovery.changed(changed),
      fault: (error: unknown) => this.#listeners.fault(error),
    }
    try {
      for (const event of await changedEvents(sources, changes)) this.#listeners.emit(event)
    } catch (error) {
      // They are shown with the next change, or soon: nobody else says that the store works again while there is no connection.
      if (error instanceof StoreError && error.passes) this.#jobs.schedule({ kind: "show", key: "", inMs: showAgainMs })
      throw error
    }
  }

  async #ephemeral(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<void> {
    const signal = await this.#typing.hear(tx, groupId, body)
    if (!signal) return
    const { chatId, accountId, untilMs } = signal
    tx.after(() => this.#listeners.emit({ type: "typing", chatId: toHex(chatId), accountId: toHex(accountId), untilMs }))
  }

  #connection(connection: ConnectionStatus): void {
    this.#trace.line("reading", "status", { status: connection.status })
    this.#listeners.emit({ type: "connection", connection })
    if (connection.status === "online") {
      this.#transactions.showChanges()
      for (const part of this.#parts) part.online()
    } else if (connection.status !== "connecting") {
      for (const part of this.#parts) part.offline()
      if (connection.status === "refused" && connection.code === "unauthorized") this.#deletion.refused()
    }
  }

  /** The account has ended: everything stops, and stored messages stay readable. */
  #end(): void {
    for (const part of this.#parts) void part.close()
    this.#reading.end("account_deleted", accountTexts.over)
  }

  async #close(): Promise<void> {
    this.#closed = true
    this.#listeners.close()
    this.#reading.close()
    for (const part of this.#parts) await part.close()
    await this.#transactions.idle()
    await this.#ports.database.close()
  }
}

/** One KeyPackage for the other person of a chat of two, if it is due. */
async function leaveSpare(
  parts: Parameters<typeof compose>[0] & Parameters<typeof dueSpare>[0],
  tx: Transaction,
  group: GroupRow,
): Promise<boolean> {
  const message = group.policy.kind === "dm" ? await dueSpare(parts, tx, group.groupId) : undefined
  return message !== undefined && (await compose(parts, tx, group, { type: keyPackage, input: { message } })) !== undefined
}
