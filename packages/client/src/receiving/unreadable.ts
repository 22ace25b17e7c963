// Keeps a body that cannot be read with its ciphertext. The chat shows it in its place as waiting. It stops nothing else.

import { type CryptoProvider, peek } from "@nodoor/mls"
import type { PostRecord } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import { countDropped } from "../store/dropped.ts"
import { countWaiting, countWaitingInARow, insertMessage } from "../store/chat/messages.ts"
import type { Arrival } from "./arrival.ts"

/** So many such lines there are in a chat. The rest is counted and not kept: garbage fills neither a chat nor a store. */
const unreadableMax = 100

/** Ignores what was sent before this device joined. */
export async function keepUnreadable(
  { crypto, missedDue }: { readonly crypto: Pick<CryptoProvider, "sha256">; missedDue(): void },
  tx: Transaction,
  { group, record }: Pick<Arrival<PostRecord>, "group" | "record">,
  code: string,
): Promise<void> {
  const seen = peekQuietly(record.body)
  if (seen && seen.epoch < group.joinedEpoch) return
  // A proposal that arrives after its epoch ended has no effect (RFC 9420 §12.4). Its sender makes another one.
  if (seen?.contentType === "proposal" && seen.epoch < group.epoch) return
  const { chatId, groupId } = group
  if ((await countWaiting(tx, chatId)) >= unreadableMax) return countDropped(tx, "post")
  await insertMessage(tx, {
    chatId,
    groupId,
    messageId: crypto.sha256(record.body),
    order: record.order,
    timeMs: record.timeMs,
    accountId: new Uint8Array(16),
    kind: "waiting",
    parts: [{ kind: "waiting", text: code }],
    body: record.body,
    epoch: seen?.epoch,
  })
  tx.after(() => missedDue())
}

/** So many in a row of the present epoch, and it is this device that has lost something. A few may be anybody's garbage. */
const inARow = 3

/** Whether what does not open says that this device cannot go on, as far as one device can tell. */
export async function isLost(
  tx: Transaction,
  { group, record }: Pick<Arrival<PostRecord>, "group" | "record">,
  code: string,
): Promise<boolean> {
  const seen = peekQuietly(record.body)
  if (!seen) return false
  // The commits that led there never came.
  if (seen.epoch > group.epoch) return code === "wrong_epoch"
  if (seen.epoch < group.epoch) return false
  return code === "generation_too_far" || (await countWaitingInARow(tx, group.groupId, group.epoch)) >= inARow
}

function peekQuietly(body: Uint8Array): { readonly epoch: number; readonly contentType: string } | undefined {
  try {
    const { epoch, contentType } = peek(body)
    return { epoch: Number(epoch), contentType }
  } catch {
    return undefined
  }
}
