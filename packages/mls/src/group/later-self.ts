// A message of this member itself that its state knows nothing of (RFC 9420 §6.3.1): the state is then an older copy of one that went on.

import { equal } from "@nodoor/bytes"
import type { Engine } from "../api/api.ts"
import { verifyContent } from "../message/content-authentication.ts"
import { internal, memberAt } from "./group-state.ts"
import { MlsError } from "../codec/mls-error.ts"
import { parseMessage } from "../message/mls-message.ts"
import { openContent, openSenderData } from "../message/private-message.ts"
import { takeGeneration } from "../secrets/secret-tree.ts"

/**
 * Whether this member's own key signed the message, with a message key of the present epoch that the state has not used yet. Nobody else can
 * make one: every member can seal as any leaf, but not sign as it. What was sent from this very state is of an earlier generation.
 */
export const isOfLaterSelf: Engine["isOfLaterSelf"] = (env, state, message) => {
  const group = internal(state)
  const suite = env.crypto.suite(group.suite)
  try {
    const parsed = parseMessage(message)
    if (parsed.format !== "private" || !group.active) return false
    const sealed = parsed.message
    if (!equal(sealed.groupId, group.groupId) || sealed.epoch !== group.epoch) return false
    const senderData = openSenderData(suite, group.secrets.senderData, sealed)
    const own = memberAt(group, group.epoch, group.ownLeafIndex)
    if (senderData.leafIndex !== group.ownLeafIndex || own === undefined) return false
    const type = sealed.contentType === "application" ? "application" : "handshake"
    const taken = takeGeneration(suite, group.secretTree, { ...senderData, type, timeMs: env.timeMs })
    verifyContent(suite, openContent(suite, sealed, senderData, taken), group.context.encoded, own.signatureKey)
    return true
  } catch (error) {
    if (error instanceof MlsError) return false
    throw error
  }
}
