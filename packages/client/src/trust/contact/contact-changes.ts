// What the person is told when a contact's account changes: a new device, a reset, its end.

import { equal, toHex } from "@nodoor/bytes"
import { type AccountId, type VerifiedAccountState, findDevice } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { isolated } from "@nodoor/wire"
import { raiseAlarm } from "../../store/trust/alarms.ts"
import { called, markOf } from "../name/called.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import {
  type ContactRow,
  clearContactChange,
  contactChecked,
  contactReset,
  findContact,
  insertContact,
} from "../../store/trust/contacts.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type AccountEnding, endingText } from "./ended-account.ts"
import { contactTexts, deviceNames } from "../../texts/en.ts"
import { closeChat, listGroupsOf } from "../../store/group/account-groups.ts"

export interface AccountChange {
  /** As this device knew it; undefined when it is new here. */
  readonly before: VerifiedAccountState | undefined
  readonly latest: VerifiedAccountState
  readonly heldUntilMs: number | undefined
}

export class ContactChanges {
  readonly #crypto: CryptoProvider
  readonly #random: Random
  readonly #clock: Clock
  readonly #own: Pick<OwnDevice, "accountId">

  constructor(parts: {
    readonly crypto: CryptoProvider
    readonly random: Random
    readonly clock: Clock
    readonly own: Pick<OwnDevice, "accountId">
  }) {
    this.#crypto = parts.crypto
    this.#random = parts.random
    this.#clock = parts.clock
    this.#own = parts.own
  }

  /** The contact as the log now shows it; a reset since it was first seen is a change that people are told of. */
  async take(tx: Transaction, change: AccountChange): Promise<void> {
    const { latest } = change
    const { accountId, resetCount } = latest.state
    if (equal(accountId, this.#own.accountId)) return
    const nowMs = this.#clock.nowMs()
    const contact = await findContact(tx, accountId)
    if (!contact) {
      insertContact(tx, { accountId, mark: markOf(latest), resets: resetCount, checkedMs: nowMs })
      tx.contactChanged(accountId)
      return
    }
    contactChecked(tx, accountId, nowMs)
    if (latest.kind === "tombstone") {
      if (change.before?.kind !== "tombstone") await this.#tellEnd(tx, contact, { ending: "proven", nowMs })
    } else if (resetCount > contact.firstResets) await this.#tellReset(tx, contact, change, nowMs)
    else if (change.before) await this.#tellDevices(tx, contact, change.before, latest)
  }

  /** The contact's account has ended, and it can no longer be found out who ended it. */
  async takeEnded(tx: Transaction, accountId: AccountId): Promise<void> {
    const contact = await findContact(tx, accountId)
    if (!contact) return
    const nowMs = this.#clock.nowMs()
    contactChecked(tx, accountId, nowMs)
    await this.#tellEnd(tx, contact, { ending: "unproven", nowMs })
    const who = await this.#who(tx, contact)
    raiseAlarm(tx, this.#random, {
      level: "notice",
      code: "contact_ended",
      text: contactTexts.ended(who),
      accountId,
      atMs: nowMs,
    })
  }

  async #tellReset(tx: Transaction, contact: ContactRow, { before, latest, heldUntilMs }: AccountChange, nowMs: number): Promise<void> {
    const { accountId, resetCount } = latest.state
    contactReset(tx, accountId, { resets: resetCount, atMs: nowMs })
    tx.contactChanged(accountId)
    for (const { chatId, groupId, lastOrder } of await listGroupsOf(tx, accountId))
      await insertEvent(
        tx,
        this.#crypto.sha256,
        { chatId, groupId, order: lastOrder, timeMs: nowMs, accountId },
        { kind: "identity_changed", account: toHex(accountId) },
      )
    const who = await this.#who(tx, contact)
    const isNew = latest.lastReset?.hard === true && before?.lastReset?.version !== latest.lastReset.version
    if (isNew && contact.verifiedMs !== undefined && contact.verifiedResets !== resetCount) {
      raiseAlarm(tx, this.#random, {
        level: "red",
        code: "contact_reset_verified",
        text: contactTexts.resetVerified(who),
        accountId,
        atMs: nowMs,
      })
      return
    }
    raiseAlarm(tx, this.#random, {
      level: "notice",
      code: "contact_reset",
      text: contactTexts.reset(who, heldUntilMs === undefined ? undefined : heldUntilMs - nowMs),
      accountId,
      atMs: nowMs,
    })
  }

  /** The account has ended: chats of two end, and groups continue while their members remove its leaves (`LeafCheck`). */
  async #tellEnd(
    tx: Transaction,
    contact: ContactRow,
    { ending, nowMs }: { readonly ending: AccountEnding; readonly nowMs: number },
  ): Promise<void> {
    const { accountId } = contact
    const who = await this.#who(tx, contact)
    const event = { kind: "account_deleted", account: toHex(accountId), ...(ending === "unproven" && { unproven: true }) } as const
    for (const { chatId, groupId, lastOrder, isDm } of await listGroupsOf(tx, accountId)) {
      const at = { chatId, groupId, order: lastOrder, timeMs: nowMs, accountId }
      await insertEvent(tx, this.#crypto.sha256, at, event)
      if (!isDm) continue
      failOutbox(tx, { groupId, chatId }, { code: "not_writable", message: endingText(who, ending) })
      closeChat(tx, chatId)
    }
    clearContactChange(tx, accountId)
    tx.contactChanged(accountId)
  }

  async #who(tx: Transaction, contact: ContactRow): Promise<string> {
    return isolated(await called(tx, contact))
  }

  async #tellDevices(tx: Transaction, contact: ContactRow, before: VerifiedAccountState, latest: VerifiedAccountState): Promise<void> {
    const added = latest.state.devices.filter((device) => !findDevice(before.state, device.deviceId))
    const who = await this.#who(tx, contact)
    for (const { deviceClass } of added)
      raiseAlarm(tx, this.#random, {
        level: "info",
        code: "contact_device_added",
        text: contactTexts.deviceAdded(who, deviceNames[deviceClass]),
        accountId: latest.state.accountId,
        atMs: this.#clock.nowMs(),
      })
    if (added.length > 0) tx.contactChanged(latest.state.accountId)
  }
}
