// This device is out of a group: it keeps no secret of it.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { findArchivedGroup, forgetArchivedGroup } from "../../store/archive/archived-groups.ts"
import { leaveChat } from "../../store/chat/chats.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { type GroupRow, findGroup, forgetProposals, setGroupStatus } from "../../store/group/groups.ts"
import { dropIntroductions } from "../../store/group/introductions.ts"
import { erasePrepared, failOutbox } from "../../store/group/outbox-failure.ts"
import { deleteOwnSeat, deleteSeats } from "../../store/group/seats.ts"
import { endHealing } from "../../store/rejoin/healing.ts"
import { deleteRejoinKeys } from "../../store/rejoin/rejoin-keys.ts"
import { deleteRequests } from "../../store/rejoin/rejoin-requests.ts"
import { sendingTexts } from "../../texts/en.ts"
import type { GroupStates } from "../group-states.ts"

export interface DroppingParts {
  readonly states: Pick<GroupStates, "erase">
  /** This device has another seat than before, or none. */
  seatsChanged(): void
}

export interface PlaceLostParts extends DroppingParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly clock: Clock
  readonly crypto: Pick<CryptoProvider, "sha256">
}

export function dropGroup({ states, seatsChanged }: DroppingParts, tx: Transaction, group: GroupRow): void {
  const { groupId } = group
  states.erase(tx, groupId)
  setGroupStatus(tx, groupId, "left")
  forgetProposals(tx, groupId)
  dropPlace(tx, groupId)
  tx.after(() => seatsChanged())
  leaveChat(tx, group)
  failOutbox(tx, group, { code: "not_writable", message: sendingTexts.notInChat })
  erasePrepared(tx, groupId)
  dropIntroductions(tx, groupId)
}

function dropPlace(tx: Transaction, groupId: Uint8Array): void {
  deleteSeats(tx, groupId)
  deleteOwnSeat(tx, groupId)
  deleteRejoinKeys(tx, groupId)
  deleteRequests(tx, groupId)
  endHealing(tx, groupId)
}

/** The server no longer knows the place from which this device asked to be let in again, and nobody has answered. The chat says so. */
export async function placeLost(parts: PlaceLostParts, tx: Transaction, groupId: Uint8Array): Promise<void> {
  const { own, clock, crypto } = parts
  const group = await findGroup(tx, groupId)
  const chatId = (group ?? (await findArchivedGroup(tx, groupId)))?.chatId
  if (group && group.status !== "left") dropGroup(parts, tx, group)
  else {
    dropPlace(tx, groupId)
    forgetArchivedGroup(tx, groupId)
    if (chatId) leaveChat(tx, { chatId, groupId })
  }
  if (!chatId) return
  const at = { chatId, groupId, order: group?.lastOrder ?? 0, timeMs: clock.nowMs(), accountId: own.accountId }
  await insertEvent(tx, crypto.sha256, at, { kind: "place_lost", account: toHex(own.accountId) })
}
