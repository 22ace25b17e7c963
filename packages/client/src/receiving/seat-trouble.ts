// What is wrong with the log of a group as the server delivers it, or with this device's seat there: an alarm in its chat. Nothing of the group
// is given up for it.

import { equal } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { DeliveryCode } from "@nodoor/wire/delivery"
import { readerOf } from "../store/reader.ts"
import { type PlacedRecord, findWaiting, hasWaiting } from "../store/group/waiting-records.ts"
import { messageOf } from "../core/group-record.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import { findGroup } from "../store/group/groups.ts"
import { type HealingParts, beginHealing } from "../group/rejoin/healing.ts"
import { type HealingReason, findHealing, setSeatOver } from "../store/rejoin/healing.ts"
import { findHistory } from "../store/group/history.ts"
import { saveAckedBefore, saveGap } from "../store/group/reading.ts"
import { findOwnSeat, swapSeatSecrets } from "../store/group/seats.ts"
import { ownSeatSecret } from "../group/seat/seat-keys.ts"
import { type NewAlarm, raiseAlarmOnce } from "../store/trust/alarms.ts"
import { readingTexts } from "../texts/en.ts"
import type { OwnSeat } from "./subscription.ts"

export interface SeatTroubleParts extends HealingParts {
  readonly own: Pick<OwnDevice, "signer">
  readonly transactions: Transactions
  readonly crypto: Pick<CryptoProvider, "sha256" | "suite">
  readonly random: Random
  readonly clock: Clock
}

export class SeatTrouble {
  readonly #parts: SeatTroubleParts

  constructor(parts: SeatTroubleParts) {
    this.#parts = parts
  }

  /** The server has dropped what was before this place. Told once. */
  async gap(seat: OwnSeat, through: number): Promise<void> {
    await this.#alarm(seat, { level: "warn", code: "log_gap", text: readingTexts.gap }, through)
    // What stood there may have been this device's own, after its store was put back: its keys are not used again.
    await this.#heal(seat, "gap")
  }

  /** The server knows of more than this store: it may be an older copy of the device's. */
  async behind(seat: OwnSeat): Promise<void> {
    await this.#heal(seat, "copy")
  }

  /**
   * The server does not know the seat by this secret. The device may have made the seat its own since this store was copied: it makes the same
   * secret again, and tries both in turn. Says whether there is another one that was not tried yet.
   */
  async rekeyed({ groupId, seat, isOwn, joined }: OwnSeat): Promise<boolean> {
    const { transactions, crypto, own: self } = this.#parts
    return await transactions.run(async (tx) => {
      const own = await findOwnSeat(tx, groupId)
      if (!joined || !own || !equal(own.seat, seat) || own.nextSecret) return false
      if (own.otherSecret) {
        swapSeatSecrets(tx, groupId, own.otherSecret)
        return false
      }
      if (isOwn) return false
      const made = ownSeatSecret(crypto, self.signer, { groupId, seat })
      if (equal(made, own.secret)) return false
      swapSeatSecrets(tx, groupId, made)
      // Nobody but this device could acknowledge with it, so whatever was, a copy of this store did.
      saveAckedBefore(tx, { groupId, seat }, 0)
      return true
    })
  }

  /** Nothing more comes at the seat that a healing device leaves. */
  async over(seat: OwnSeat): Promise<boolean> {
    return await this.#parts.transactions.run(async (tx) => {
      const healing = await findHealing(tx, seat.groupId)
      if (!healing) return false
      setSeatOver(tx, seat.groupId, healing.overMs ?? this.#parts.clock.nowMs())
      return true
    })
  }

  async #heal({ groupId }: OwnSeat, reason: HealingReason): Promise<void> {
    await this.#parts.transactions.run(async (tx) => {
      const group = await findGroup(tx, groupId)
      if (group && group.status !== "halted") await beginHealing(this.#parts, tx, group, reason)
    })
  }

  /** The newest order of the server is below what this device has. */
  async rewound(seat: OwnSeat): Promise<void> {
    await this.#alarm(seat, { level: "warn", code: "log_rewound", text: readingTexts.rewound })
  }

  /** A record of a place that this device has already. The same one again is nothing to tell. */
  async repeated({ groupId }: OwnSeat, record: PlacedRecord): Promise<void> {
    const { transactions, crypto, random, clock } = this.#parts
    const hash = crypto.sha256(messageOf(record))
    await transactions.run(async (tx) => {
      const waiting = await findWaiting(tx, groupId, record.order)
      const known = waiting ? crypto.sha256(messageOf(waiting)) : (await findHistory(tx, groupId, record.order))?.bodyHash
      const group = await findGroup(tx, groupId)
      if (!known || !group || record.order <= group.joinedOrder || equal(known, hash)) return
      await raiseAlarmOnce(tx, random, {
        level: "warn",
        code: "log_repeated",
        text: readingTexts.repeated,
        chatId: group.chatId,
        atMs: clock.nowMs(),
      })
    })
  }

  /** A stream has no room for so many of the seats, those of the chats that were used longest ago. */
  async tooMany(unread: number): Promise<void> {
    const { transactions, random, clock } = this.#parts
    const alarm = { level: "warn", code: "too_many_chats", text: readingTexts.tooMany(unread), atMs: clock.nowMs() } as const
    await transactions.run(async (tx) => void (await raiseAlarmOnce(tx, random, alarm)))
  }

  /** Somebody else acknowledged in place of this device. */
  async readBySomebody(seat: OwnSeat): Promise<void> {
    await this.#alarm(seat, { level: "warn", code: "seat_taken", text: readingTexts.seatTaken })
  }

  /** The server ended the subscription. */
  async lost(seat: OwnSeat, code: DeliveryCode): Promise<void> {
    if (seat.isChanging) return
    // The commit that removed this device may be among what waits to be taken in. If it is not, the server says the same again.
    if (await hasWaiting(readerOf(this.#parts.transactions.database), seat.groupId)) return
    if (code === "seat_taken") await this.readBySomebody(seat)
    else await this.#alarm(seat, { level: "warn", code: "seat_lost", text: readingTexts.seatLost })
  }

  async #alarm(seat: OwnSeat, alarm: Pick<NewAlarm, "level" | "code" | "text">, gapThrough?: number): Promise<void> {
    const { transactions, random, clock } = this.#parts
    await transactions.run(async (tx) => {
      if (gapThrough !== undefined) saveGap(tx, seat, gapThrough)
      const group = await findGroup(tx, seat.groupId)
      // Of a group that stands still its person has been told already.
      if (!group || group.status === "left" || group.status === "halted" || group.status === "succeeded") return
      await raiseAlarmOnce(tx, random, { ...alarm, chatId: group.chatId, atMs: clock.nowMs() })
    })
  }
}
