// Opens a chat of two people: the existing one, or a new one.

import { equal, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../../core/client-error.ts"
import type { Policy } from "../../core/policy.ts"
import { type SyncNotes, syncKeys } from "../../store/sync/sync-entry.ts"
import type { Transactions } from "../../core/transaction.ts"
import { findDm, showChat } from "../../store/chat/chats.ts"
import { findGroup, isOpen } from "../../store/group/groups.ts"
import { setAccepted } from "../../store/trust/contacts.ts"
import { groupTexts } from "../../texts/en.ts"
import { type KnownAccountsParts, endedError, lookUpAccounts } from "./known-accounts.ts"
import { type NewGroupParts, beginGroup } from "./new-group.ts"
import { invitePeer } from "./peer-invitation.ts"

export type OpenDmParts = NewGroupParts & KnownAccountsParts & { readonly transactions: Transactions; readonly sync: SyncNotes }

/** The dm with an account, made if there is none that can be written to. Returns its chat id. */
export async function openDm(parts: OpenDmParts, peer: AccountId): Promise<Uint8Array> {
  if (equal(peer, parts.own.accountId)) throw new ClientError("invalid_input", groupTexts.withOneself)
  const ended = await parts.trust.hasEnded(peer)
  if (!ended) await lookUpAccounts(parts, [peer])
  return await parts.transactions.run(async (tx) => {
    const dm = await findDm(tx, peer)
    if (ended && !dm) throw await endedError(parts, peer)
    const group = dm && (await findGroup(tx, dm.groupId))
    if (dm && (ended || (group && isOpen(group)))) {
      showChat(tx, dm.chatId)
      if (!ended && group?.status === "active") await invitePeer(parts, tx, dm.groupId, peer)
      return dm.chatId
    }
    setAccepted(tx, peer)
    await parts.sync.synced(tx, syncKeys.contact(peer, "accepted"), true)
    return await beginGroup(parts, tx, dmPolicy(parts.own.accountId, peer), { peers: [peer], chat: dm, peer })
  })
}

/** Both are always admins. */
function dmPolicy(own: AccountId, peer: AccountId): Policy {
  const two = [own, peer].toSorted((a, b) => (toHex(a) < toHex(b) ? -1 : 1))
  return {
    kind: "dm",
    name: "",
    picture: undefined,
    roles: two.map((accountId) => ({ accountId, role: "admin" as const })),
    rules: { add: "admins", rename: "admins", post: "everyone" },
    expiryS: undefined,
  }
}
