// Hands the history over to a device that this one let in: an archive, written and sent on in parts, each told of in the group of the own devices
// as soon as the server has it, so that the new device shows the newest chats while the rest is on its way. An interruption begins it anew.

import { concat, equal, toHex } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { writeArchive } from "../archive/write-archive.ts"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { Hex } from "../core/hex.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Blobs, Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { isDeviceIn } from "../store/group/members.ts"
import { findSelfGroup, listGroupsWithout } from "../store/group/own-groups.ts"
import { type HistoryPart, deleteHistoryDue, listHistoryDue } from "../store/history-transfer.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import type { Trust } from "../trust/trust.ts"

const kind = "history-give"
const archiveKeyBytes = 32
/** What the new device can begin with, then larger parts. Each is held in memory while it is sent. */
const partBytes = { first: 512 * 1_024, other: 4 * 1_048_576 } as const
/** The new device is on its way; one that comes later asks for it again. */
const keepDays = 3
/** A device that asks again and again is given it no more often than this. */
const againMs = 3_600_000
/** While the groups take the new one in. */
const waitMs = 1_000
const waitForGroupsMs = 120_000

export interface HistoryGivingParts {
  readonly own: OwnDevice
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly transactions: Transactions
  readonly blobs: Blobs
  readonly trust: Pick<Trust, "latest">
  /** Queues where a part stands. */
  tell(tx: Transaction, group: GroupRow, part: HistoryPart & { readonly deviceId: Uint8Array }): Promise<unknown>
  progress(now: { readonly done: number; readonly total: number } | "done"): void
}

export class HistoryGiving implements Part {
  readonly #parts: HistoryGivingParts
  readonly #closing = Promise.withResolvers<void>()
  #closed = false
  /** Since when a device is not in all groups. */
  #waitsSinceMs: number | undefined
  /** When a device was given it last, while this one is open. */
  readonly #givenMs = new Map<Hex, number>()

  constructor(parts: HistoryGivingParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, run: () => this.#run() })
  }

  /** A device was let in. */
  due(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true })
  }

  online(): void {
    this.due()
  }

  offline(): void {}

  close(): void {
    this.#closed = true
    this.#closing.resolve()
  }

  async #run(): Promise<JobEnd> {
    const { transactions, own, trust, clock } = this.#parts
    const reader = readerOf(transactions.database)
    let waits = false
    let laterMs: number | undefined
    for (const deviceId of await listHistoryDue(reader)) {
      if (equal(deviceId, own.deviceId)) continue
      const account = await trust.latest(own.accountId)
      if (account && !account.state.devices.some((device) => equal(device.deviceId, deviceId))) {
        await transactions.run(async (tx) => deleteHistoryDue(tx, deviceId))
        continue
      }
      const sinceMs = clock.nowMs() - (this.#givenMs.get(toHex(deviceId)) ?? -Infinity)
      if (sinceMs >= 0 && sinceMs < againMs) {
        laterMs = Math.min(laterMs ?? againMs, againMs - sinceMs)
        continue
      }
      if (!(await this.#isIn(reader, deviceId))) {
        waits = true
        continue
      }
      try {
        await this.#give(reader, deviceId)
        this.#givenMs.set(toHex(deviceId), clock.nowMs())
      } catch (error) {
        if (this.#closed || error instanceof WireError || error instanceof NetworkError || error instanceof ClientError) return "failed"
        throw error
      }
    }
    if (waits) return { againInMs: waitMs }
    return laterMs === undefined ? undefined : { againInMs: laterMs }
  }

  /**
   * In the group of the own devices, which brings it the history, and in all others: what comes in a group that it is not in yet would be in
   * neither. One group that does not take it in holds up the rest for a while only.
   */
  async #isIn(reader: Reader, deviceId: Uint8Array): Promise<boolean> {
    const groupId = await findSelfGroup(reader)
    if (groupId === undefined || !(await isDeviceIn(reader, groupId, deviceId))) return false
    const nowMs = this.#parts.clock.nowMs()
    this.#waitsSinceMs ??= nowMs
    const isInAll = (await listGroupsWithout(reader, this.#parts.own.accountId, [deviceId])).length === 0
    if (!isInAll && nowMs - this.#waitsSinceMs < waitForGroupsMs) return false
    this.#waitsSinceMs = undefined
    return true
  }

  async #give(reader: Reader, deviceId: Uint8Array): Promise<void> {
    const { own, crypto, random, clock, transactions, progress } = this.#parts
    const archiveKey = random(archiveKeyBytes)
    let told = 0
    const writing = await writeArchive({ reader, own, crypto, random, clock }, { for: "link", key: archiveKey }, (now) => {
      if (now.done < now.total && now.done - told < now.total / 100) return
      told = now.done
      progress(now)
    })
    let number = 0
    let [held, heldBytes]: [Uint8Array[], number] = [[], 0]
    for await (const piece of writing.bytes) {
      if (this.#closed) throw new NetworkError("closed", { maybeDone: false })
      if (heldBytes >= (number === 0 ? partBytes.first : partBytes.other)) {
        await this.#send(deviceId, { archiveKey, number: number++, last: false }, concat(...held))
        ;[held, heldBytes] = [[], 0]
      }
      held.push(piece.slice())
      heldBytes += piece.length
    }
    await this.#send(deviceId, { archiveKey, number, last: true }, concat(...held))
    await transactions.run(async (tx) => deleteHistoryDue(tx, deviceId))
    progress("done")
  }

  async #send(deviceId: Uint8Array, part: Pick<HistoryPart, "archiveKey" | "number" | "last">, content: Uint8Array): Promise<void> {
    const { blobs, transactions, tell } = this.#parts
    async function* from(offset: number): AsyncGenerator<Uint8Array> {
      yield content.subarray(offset)
    }
    const { id: blobId } = await blobs.upload(from, { size: content.length, keepDays, unwanted: this.#closing.promise })
    await transactions.run(async (tx) => {
      const groupId = await findSelfGroup(tx)
      const group = groupId && (await findGroup(tx, groupId))
      if (group?.status === "active") await tell(tx, group, { ...part, blobId, size: content.length, deviceId })
    })
  }
}
