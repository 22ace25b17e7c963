// What others were shown of the log comes with their messages: two people who were shown two logs find out (docs/transparency.md,
// "Gossip"). It counts only under the log's own signature. So a contradiction is the log's doing, no matter who passed it on.

import { equal } from "@nodoor/bytes"
import { type Checkpoint, KeylogError, type KeylogErrorCode, parseCheckpoint, parseNote, readGossip } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { Allowance } from "../../core/allowance.ts"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { type Finding, evidenceOf } from "../alarm/evidence.ts"
import type { KeyLog } from "./key-log.ts"
import { alarmOf } from "../alarm/failed-check.ts"
import { stopSending } from "../alarm/sending-stop.ts"
import { logTexts } from "../../texts/en.ts"
import { type HeardHead, findAncestor } from "../../store/trust/key-log.ts"
import { countDroppedGossip, deleteGossip, listGossip, saveGossip } from "../../store/trust/gossip.ts"
import { readerOf } from "../../store/reader.ts"

export interface Heard {
  /** The device whose message it came with. */
  readonly deviceId: Uint8Array
  readonly note: Uint8Array
}

export interface GossipParts {
  readonly transactions: Transactions
  readonly keyLog: KeyLog
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
}

/** A head that the log signed and this server does not show or prove is told of after this. */
const withinMs = 3_600_000
/** Signatures checked for one device: an honest one sends a note in ten minutes to each group, mostly the same. */
const notesPerHour = 20
/** Proofs asked for, for all devices together. What waits longer is replaced by what its device was shown since. */
const proofsPerHour = 60
const everybody = new Uint8Array()

export class GossipCheck {
  readonly #parts: GossipParts
  readonly #notes = new Allowance({ times: notesPerHour, withinMs: 3_600_000 })
  readonly #proofs = new Allowance({ times: proofsPerHour, withinMs: 3_600_000 })

  constructor(parts: GossipParts) {
    this.#parts = parts
  }

  /** Compares what can be compared at once. Says whether something waits to be proven. */
  async hear(tx: Transaction, { deviceId, note }: Heard): Promise<boolean> {
    const { keyLog, crypto, clock } = this.#parts
    const mine = keyLog.stored?.head
    if (!mine) return false
    let heard: Checkpoint
    try {
      const claimed = parseCheckpoint(parseNote(note).text)
      if (claimed.size === mine.size && equal(claimed.root, mine.root)) return false
      const known = await findAncestor(tx, claimed.size)
      if (known && equal(known.root, claimed.root)) return false
      if (!this.#notes.take(deviceId, clock.nowMs())) return drop(tx)
      heard = readGossip(crypto, { mine, note })
    } catch (error) {
      if (!(error instanceof KeylogError)) throw error
      return drop(tx)
    }
    const { size, root } = heard
    const ours = size === mine.size ? mine.note : (await findAncestor(tx, size))?.note
    if (ours) {
      await this.#forked(tx, { code: "tree_fork", heard: { size, root, note }, stored: mine, ours })
      return false
    }
    saveGossip(tx, { deviceId, size, root, note, heardMs: clock.nowMs() }, { ownSize: mine.size })
    return true
  }

  /** Has the log prove what waits, the longest first. Says whether something still waits. @throws as `KeyLog.search` */
  async proveAll(): Promise<boolean> {
    const { transactions, keyLog } = this.#parts
    const heads = await listGossip(readerOf(transactions.database))
    const largest = Math.max(0, ...heads.map(({ size }) => size))
    if (largest > (keyLog.stored?.head.size ?? 0) && this.#mayAsk()) await keyLog.advance()
    let waiting = false
    for (const heard of heads) {
      const status = await this.#prove(heard)
      if (status === "later") waiting = true
      else if (status === "withheld") {
        waiting = true
        await this.#tellWithheld(heard.heardMs)
      } else await transactions.run(async (tx) => deleteGossip(tx, heard))
    }
    return waiting
  }

  /** `later`: this device has asked enough for now. `withheld`: the server does not show it, or does not prove it. */
  async #prove(heard: HeardHead): Promise<"done" | "later" | "withheld"> {
    const { transactions, keyLog } = this.#parts
    const known = await findAncestor(readerOf(transactions.database), heard.size)
    if (known && equal(known.root, heard.root)) return "done"
    if ((keyLog.stored?.head.size ?? 0) < heard.size) return "withheld"
    if (!this.#mayAsk()) return "later"
    try {
      const shown = await keyLog.prove(heard)
      if (shown.status === "ahead") return "withheld"
      if (shown.status === "forked")
        await transactions.run((tx) =>
          this.#forked(tx, { code: shown.code, heard, stored: shown.head, path: shown.path, response: shown.response }),
        )
      return "done"
    } catch (error) {
      if (error instanceof ClientError && error.code === "log_unavailable") return "withheld"
      throw error
    }
  }

  #mayAsk(): boolean {
    return this.#proofs.take(everybody, this.#parts.clock.nowMs())
  }

  /** The log signed two different histories. Nobody can trust anything it says from now on. */
  async #forked(
    tx: Transaction,
    found: { readonly code: KeylogErrorCode } & Pick<Finding, "heard" | "stored" | "ours" | "path" | "response">,
  ): Promise<void> {
    const { crypto, random, clock, keyLog, own } = this.#parts
    const alarm = alarmOf(found.code, "log", "")
    if (!alarm) return
    const atMs = clock.nowMs()
    const evidence = evidenceOf(crypto, { ...found, atMs, origin: own.origin, config: keyLog.stored?.config })
    const alarmId = await raiseAlarmOnce(tx, random, { ...alarm, evidence, atMs })
    await stopSending(tx, { accountId: undefined, code: alarm.code, alarmId })
  }

  async #tellWithheld(heardMs: number): Promise<void> {
    const { transactions, random, clock } = this.#parts
    const atMs = clock.nowMs()
    if (Math.abs(atMs - heardMs) < withinMs) return
    await transactions.run(async (tx) => {
      await raiseAlarmOnce(tx, random, { level: "warn", code: "gossip_withheld", text: logTexts.gossipWithheld, atMs })
    })
  }
}

/** Counted and otherwise ignored: the sender may be at fault, and nothing shows that the log is. */
function drop(tx: Transaction): false {
  countDroppedGossip(tx)
  return false
}
