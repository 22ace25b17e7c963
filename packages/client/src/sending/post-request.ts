// Shared by leaving and content: one encrypted body, posted as "a member" of the epoch.

import type { Environment, GroupState } from "@nodoor/mls"
import type { Transaction } from "../core/transaction.ts"
import { macPost, numberedRequest, storedRequest } from "../group/seat/posting-request.ts"
import { setPrepared } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { insertOwnBody } from "../store/group/own-bodies.ts"
import type { Posting } from "./posting.ts"

/** Stores the request, and the hash of the body so that the own copy is recognised. */
export function preparePost(
  env: Environment,
  tx: Transaction,
  item: OutboxItem,
  { state, body }: { readonly state: GroupState; readonly body: Uint8Array },
): void {
  const request = macPost(env, state, { body })
  const bodyHash = env.crypto.sha256(body)
  setPrepared(tx, item, { request: storedRequest(request), epoch: request.epoch, bodyHash })
  const { id: outboxId, messageId } = item
  insertOwnBody(tx, { groupId: state.groupId, bodyHash, outboxId, messageId, epoch: request.epoch, staged: undefined })
}

export async function sendPost(posting: Pick<Posting, "post">, request: Uint8Array): Promise<void> {
  const item = numberedRequest(request, 0)
  if (item.type !== "post") throw new TypeError("not a post")
  await posting.post(item)
}
