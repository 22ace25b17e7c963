// Keeps a body that cannot be read with its ciphertext. The chat shows it in its place as waiting. It stops nothing else.

import { type CryptoProvider, peek } from "@nodoor/mls"
import type { PostRecord } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import { countDropped } from "../store/dropped.ts"
import { countWaiting, insertMessage } from "../store/chat/messages.ts"
import type { Arrival } from "./arrival.ts"

/** So many such lines there are in a chat. The rest is counted and not kept: garbage fills neither a chat nor a store. */
const unreadableMax = 100

/** Ignores what was sent before this device joined. */
export async function keepUnreadable(
  { crypto }: { readonly crypto: Pick<CryptoProvider, "sha256"> },
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
