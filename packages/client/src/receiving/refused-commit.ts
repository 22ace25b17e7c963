// Stops a group on this device because a commit broke the policy, could not be verified or could not be read. Nobody is added, and nothing more
// is sent.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import { setChatState } from "../store/chat/chats.ts"
import { insertEvent } from "../store/chat/messages.ts"
import { setGroupStatus } from "../store/group/groups.ts"
import { erasePrepared } from "../store/group/outbox-failure.ts"
import { raiseAlarm } from "../store/trust/alarms.ts"
import { historyTexts } from "../texts/en.ts"
import type { IdentifiedMember } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"

export interface HaltParts {
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly clock: Clock
}

export async function haltGroup(
  { crypto, random, clock }: HaltParts,
  tx: Transaction,
  { group, record }: Pick<Arrival, "group" | "record">,
  refused: { readonly by: IdentifiedMember | undefined; readonly code: string },
): Promise<void> {
  if (group.status === "halted") return
  const { groupId, chatId } = group
  setGroupStatus(tx, groupId, "halted")
  setChatState(tx, chatId, "halted")
  erasePrepared(tx, groupId)
  const accountId = refused.by?.accountId ?? new Uint8Array(16)
  const at = { chatId, groupId, order: record.order, timeMs: record.timeMs, accountId }
  await insertEvent(tx, crypto.sha256, at, { kind: "refused_commit", by: toHex(accountId), code: refused.code })
  raiseAlarm(tx, random, {
    level: "red",
    code: `commit_refused_${refused.code}`,
    text: historyTexts.commitRefused,
    chatId,
    accountId: refused.by?.accountId,
    atMs: clock.nowMs(),
  })
}
