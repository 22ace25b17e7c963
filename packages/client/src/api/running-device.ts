// A device that runs: opening its parts, telling them of the connection, showing what changes, and closing them again.

import { toHex } from "@nodoor/bytes"
import { Mutes } from "../chat/mutes.ts"
import type { Changes } from "../core/changes.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Ports } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import { type Trace, noTrace } from "../core/trace.ts"
import type { Transaction } from "../core/transaction.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import { indexDue } from "../store/chat/search.ts"
import { accountTexts } from "../texts/en.ts"
import { changedEvents } from "../view/changed-events.ts"
import { RecoveryEvents } from "../view/recovery.ts"
import type { OpenDevice } from "./api.ts"
import { type Assembly, assemble } from "./assembly.ts"
import { makeDevice } from "./device.ts"
import { Listeners } from "./listeners.ts"
import { settled } from "./settling.ts"

/** What a store that failed kept from being shown is read again after this. */
const showAgainMs = 1_000

export class RunningDevice {
  readonly #ports: Ports
  readonly #trace: Trace
  readonly #assembly: Assembly
  readonly #recovery: RecoveryEvents
  readonly #mutes: Mutes
  readonly #listeners: Listeners
  #closed = false

  constructor(ports: Ports, own: OwnDevice) {
    this.#ports = ports
    const { clock, random, trace = noTrace } = ports
    this.#trace = trace
    this.#listeners = new Listeners({ clock, random, trace, storeFailed: (error) => this.#assembly.reading.storeFailed(error) })
    this.#assembly = assemble(ports, own, {
      emit: (event) => this.#listeners.emit(event),
      fault: (error) => this.#listeners.fault(error),
      show: (changes) => this.#show(changes),
      connection: (connection) => this.#connection(connection),
      ephemeral: (tx, groupId, body) => this.#ephemeral(tx, groupId, body),
      ended: () => this.#end(),
    })
    this.#recovery = new RecoveryEvents(this.#assembly.shared.reader)
    this.#mutes = new Mutes(this.#assembly.shared)
  }

  async open(): Promise<OpenDevice> {
    const { shared, passes, reading, lateKeys, keyPackages, deletion } = this.#assembly
    const { keyLog, jobs, ending, watch, transactions, views, clock, timers, own } = shared
    await keyLog.open()
    await jobs.open()
    await this.#recovery.open()
    await passes.open()
    this.#mutes.look()
    if (ending.over) this.#end()
    else {
      lateKeys.open()
      keyPackages.open()
      watch.open()
      await reading.open()
    }
    indexDue(transactions, () => this.#closed).catch((error: unknown) => this.#listeners.fault(error))
    const isOver = (): boolean => ending.over
    const settling = { clock, timers, own, transactions, reading, isOver, isClosed: () => this.#closed }
    return makeDevice({
      ...this.#assembly,
      actions: shared,
      views,
      subscribe: (listener) => this.#listeners.add(listener),
      over: isOver,
      deleteAccount: () => deletion.delete(),
      settled: (timeoutMs) => settled(settling, timeoutMs),
      close: () => this.#close(),
    })
  }

  async #show(changes: Changes): Promise<void> {
    const { shared, files, notices, canary } = this.#assembly
    shared.sync.changed(changes)
    files.changed(changes)
    this.#mutes.changed(changes)
    const sources = {
      parts: shared.views.parts,
      notices: () => notices.stored(),
      canary: () => canary.view(),
      recovery: (changed: Changes) => this.#recovery.changed(changed),
      fault: (error: unknown) => this.#listeners.fault(error),
    }
    try {
      for (const event of await changedEvents(sources, changes)) this.#listeners.emit(event)
    } catch (error) {
      // They are shown with the next change, or soon: nobody else says that the store works again while there is no connection.
      if (error instanceof StoreError && error.passes) shared.jobs.schedule({ kind: "show", key: "", inMs: showAgainMs })
      throw error
    }
  }

  async #ephemeral(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<void> {
    const signal = await this.#assembly.typing.hear(tx, groupId, body)
    if (!signal) return
    const { chatId, accountId, untilMs } = signal
    tx.after(() => this.#listeners.emit({ type: "typing", chatId: toHex(chatId), accountId: toHex(accountId), untilMs }))
  }

  #connection(connection: ConnectionStatus): void {
    const { shared, parts, deletion } = this.#assembly
    this.#trace.line("reading", "status", { status: connection.status })
    this.#listeners.emit({ type: "connection", connection })
    if (connection.status === "online") {
      shared.transactions.showChanges()
      for (const part of parts) part.online()
    } else if (connection.status !== "connecting") {
      for (const part of parts) part.offline()
      if (connection.status === "refused" && connection.code === "unauthorized") deletion.refused()
    }
  }

  /** The account has ended: everything stops, and stored messages stay readable. */
  #end(): void {
    for (const part of this.#assembly.parts) void part.close()
    this.#assembly.reading.end("account_deleted", accountTexts.over)
  }

  async #close(): Promise<void> {
    this.#closed = true
    this.#listeners.close()
    this.#assembly.reading.close()
    for (const part of this.#assembly.parts) await part.close()
    await this.#assembly.shared.transactions.idle()
    await this.#ports.database.close()
  }
}
