// Receives the own copy of a body that this device posted. Its order is known now.

import { type GroupState, decodeStaged } from "@nodoor/mls"
import type { Transaction } from "../core/transaction.ts"
import type { CommitApplication } from "../group/commit/commit-application.ts"
import type { GroupStates } from "../group/group-states.ts"
import { placeMessage } from "../store/chat/messages.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { deleteItem } from "../store/group/outbox.ts"
import { type OwnBody, deleteOwnBody } from "../store/group/own-bodies.ts"
import type { BodyRecord } from "./arrival.ts"

export interface OwnCopyParts {
  readonly states: Pick<GroupStates, "environment">
  readonly commits: Pick<CommitApplication, "apply">
  kick(groupId: Uint8Array): void
}

export async function takeOwnCopy(
  { states, commits, kick }: OwnCopyParts,
  tx: Transaction,
  input: {
    readonly group: GroupRow
    readonly state: GroupState
    readonly record: BodyRecord
    readonly bodyHash: Uint8Array
    readonly own: OwnBody
  },
): Promise<void> {
  const { group, state, record, bodyHash, own } = input
  const { groupId } = record
  // A commit of ours that arrives as a message, or a message that arrives as a commit, is not what we sent. It is ignored.
  if ((own.staged !== undefined) !== (record.kind === "commit")) return
  tx.trace("intake", "own", { kind: record.kind })
  deleteOwnBody(tx, { groupId, bodyHash })
  deleteItem(tx, { id: own.outboxId })
  tx.after(() => kick(groupId))
  if (own.staged && record.kind === "commit")
    return await commits.apply(tx, { group, state, staged: decodeStaged(states.environment(), state, own.staged), record })
  const { messageId, epoch } = own
  if (messageId) await placeMessage(tx, { chatId: group.chatId, messageId, order: record.order, epoch, placedMs: record.timeMs })
}
