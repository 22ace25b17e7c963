// A body that cannot be read: kept with its ciphertext, and shown in its place as waiting.

import { type CryptoProvider, peek } from "@nodoor/mls"
import type { Transaction } from "../core/transaction.ts"
import { insertMessage } from "../store/chat/messages.ts"
import type { Arrival } from "./arrival.ts"

/** What was sent before this device was let in is not for it. */
export async function keepUnreadable(
  { crypto }: { readonly crypto: Pick<CryptoProvider, "sha256"> },
  tx: Transaction,
  { group, record }: Pick<Arrival, "group" | "record">,
  code: string,
): Promise<void> {
  const seen = peekQuietly(record.body)
  if (seen && seen.epoch < group.joinedEpoch) return
  // A proposal that came after the commit that ended its epoch proposes nothing any more (RFC 9420 §12.4). Its sender makes another.
  if (seen?.contentType === "proposal" && seen.epoch < group.epoch) return
  const { chatId, groupId } = group
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
  })
}

function peekQuietly(body: Uint8Array): { readonly epoch: number; readonly contentType: string } | undefined {
  try {
    const { epoch, contentType } = peek(body)
    return { epoch: Number(epoch), contentType }
  } catch {
    return undefined
  }
}
