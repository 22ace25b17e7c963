// What others believe of the log comes with their messages: two people who were shown two logs find out by the next message between
// them (docs/transparency.md, "Gossip"). Such a claim is not signed by the log, so it stops the chats with whoever made it, not more.

import { equal } from "@nodoor/bytes"
import { type AccountId, KeylogError, type KeylogErrorCode, alarmLevel, decodeGossipHead, judgeGossip } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { raiseAlarmOnce } from "../alarms.ts"
import { calledInWords } from "../called.ts"
import type { OwnDevice } from "../own-device.ts"
import type { Clock } from "../ports.ts"
import type { Turn, Turns } from "../turn.ts"
import { evidenceOf } from "./evidence-record.ts"
import type { KeyLog } from "./key-log.ts"
import { provenRoot } from "./log-rows.ts"
import { stopSending } from "./stops.ts"

export interface Heard {
  readonly accountId: AccountId
  /** As `encodeGossipHead` writes it. */
  readonly head: Uint8Array
}

export interface GossipParts {
  readonly turns: Turns
  readonly keyLog: KeyLog
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
}

/** A head that somebody believes and this server does not show is told of after this. */
const withinMs = 3_600_000
/** Claims that wait to be proven; whoever sends more is lying. */
const waitingMax = 1_000

export class GossipCheck {
  readonly #parts: GossipParts

  constructor(parts: GossipParts) {
    this.#parts = parts
  }

  /** Compares what can be compared at once. Says whether something waits to be proven. */
  async hear(turn: Turn, { accountId, head: received }: Heard): Promise<boolean> {
    const { keyLog, crypto, clock } = this.#parts
    const mine = keyLog.stored?.head
    const { size, root } = decodeGossipHead(received)
    if (size === 0) return false
    try {
      const advice = mine ? judgeGossip(crypto, { mine, received }) : "advance"
      if (advice === "same" || advice === "other log") return false
    } catch (error) {
      if (!(error instanceof KeylogError)) throw error
      await this.#mismatch(turn, { accountId, size, root, code: error.code })
      return false
    }
    const proven = await provenRoot(turn, size)
    if (proven && equal(proven, root)) return false
    if (proven) {
      await this.#mismatch(turn, { accountId, size, root, code: "tree_fork" })
      return false
    }
    turn.write(
      "INSERT OR IGNORE INTO gossip (size, root, account_id, heard_ms) SELECT ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM gossip) < ?",
      size,
      root,
      accountId,
      clock.nowMs(),
      waitingMax,
    )
    return true
  }

  /** Has the log prove what waits. Says whether something still waits. @throws as `KeyLog.search` */
  async proveAll(): Promise<boolean> {
    const { turns, keyLog } = this.#parts
    let waiting = false
    for (const row of await turns.database.read("SELECT * FROM gossip ORDER BY size DESC")) {
      const claim = { size: Number(row["size"]), root: row["root"] as Uint8Array }
      const accountId = row["account_id"] as AccountId
      try {
        if ((await keyLog.prove(claim)) === "ahead") {
          waiting = true
          await this.#tellAhead(accountId, Number(row["heard_ms"]))
          continue
        }
      } catch (error) {
        if (!(error instanceof KeylogError) || alarmLevel(error.code) !== "red") throw error
        await turns.run((turn) => this.#mismatch(turn, { accountId, ...claim, code: error.code }))
      }
      await turns.run(async (turn) => turn.write("DELETE FROM gossip WHERE size = ? AND root = ?", claim.size, claim.root))
    }
    return waiting
  }

  /** A claim made outside the server's reach, as by a safety code. @throws as `KeyLog.search` */
  async compare(accountId: AccountId, head: { readonly size: number; readonly root: Uint8Array }): Promise<"same" | "unproven" | "forked"> {
    const { turns, keyLog } = this.#parts
    try {
      return (await keyLog.prove(head)) === "ahead" ? "unproven" : "same"
    } catch (error) {
      if (!(error instanceof KeylogError) || alarmLevel(error.code) !== "red") throw error
      await turns.run((turn) => this.#mismatch(turn, { accountId, ...head, code: error.code }))
      return "forked"
    }
  }

  async #mismatch(
    turn: Turn,
    claim: { readonly accountId: AccountId; readonly size: number; readonly root: Uint8Array; readonly code: KeylogErrorCode },
  ): Promise<void> {
    const { crypto, random, clock, keyLog, own } = this.#parts
    const { accountId, size, root } = claim
    const who = await calledInWords(turn, accountId, "Another member")
    const atMs = clock.nowMs()
    const code = `gossip_${claim.code}`
    const stored = keyLog.stored
    const evidence = evidenceOf(crypto, {
      code,
      atMs,
      origin: own.origin,
      config: stored?.config,
      stored: stored?.head,
      heard: { by: accountId, size, root },
    })
    const text = `${who}'s device was shown another key log than this one. The server lies to one of you, or ${who}'s device does. Nothing is sent to chats with ${who}. Compare safety numbers in person, and export the evidence on both devices.`
    const alarmId = await raiseAlarmOnce(turn, random, { level: "red", code, text, accountId, evidence, atMs })
    await stopSending(turn, { accountId, code, alarmId })
  }

  async #tellAhead(accountId: AccountId, heardMs: number): Promise<void> {
    const { turns, random, clock } = this.#parts
    const atMs = clock.nowMs()
    if (atMs - heardMs < withinMs) return
    await turns.run(async (turn) => {
      const who = await calledInWords(turn, accountId, "Another member")
      const text = `${who}'s device has seen a newer state of the key log than the server shows this one, for an hour now. The server may be keeping something back. Ask ${who}, and compare safety numbers in person.`
      await raiseAlarmOnce(turn, random, { level: "warn", code: "gossip_withheld", text, accountId, atMs })
    })
  }
}
