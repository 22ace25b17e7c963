// Shared by leaving and content: one encrypted body, posted as "a member" of the epoch.

import type { Environment, GroupState } from "@nodoor/mls"
import { decodeMessage, encodeMessage, post } from "@nodoor/wire"
import type { Session } from "../core/session.ts"
import type { Transaction } from "../core/transaction.ts"
import { signedPost } from "../group/signed-request.ts"
import { setPrepared } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { insertOwnBody } from "../store/group/own-bodies.ts"

/** Stores the request, and the hash of the body so that the own copy is recognised. */
export function preparePost(
  env: Environment,
  tx: Transaction,
  item: OutboxItem,
  { state, body }: { readonly state: GroupState; readonly body: Uint8Array },
): void {
  const request = signedPost(env, state, { body })
  const bodyHash = env.crypto.sha256(body)
  setPrepared(tx, item, { request: encodeMessage(request), epoch: request.epoch, bodyHash })
  const { id: outboxId, messageId } = item
  insertOwnBody(tx, { groupId: state.groupId, bodyHash, outboxId, messageId, epoch: request.epoch, staged: undefined })
}

export async function sendPost(session: Pick<Session, "call">, request: Uint8Array): Promise<void> {
  await session.call(post, decodeMessage(post.request, request, post.maxRequestBytes))
}
