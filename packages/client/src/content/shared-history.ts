// What was written in a group before somebody came, sent to them again by whoever let them in, if the policy of the group says so. It is the word of
// the one who sends it and shown as such: nobody's signature stands under it but theirs.

import { CodecError, type CborValue, decodeCbor, encodeCbor, equal, toHex } from "@nodoor/bytes"
import { idBytes } from "@nodoor/wire"
import type { Hex } from "../core/hex.ts"
import { historyLimits, roleOf } from "../core/policy.ts"
import type { Transaction } from "../core/transaction.ts"
import {
  type SharedHistory,
  type SharedMessage,
  countShared,
  decodeShared,
  encodeShared,
  listToShare,
  sharedPartKind,
} from "../store/chat/shared-messages.ts"
import { deleteEarlierDue, findEarlierDue, wereAddedBy } from "../store/group/earlier-due.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { findContact } from "../store/trust/contacts.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { Arrival, ContentType } from "./content-type.ts"
import { messageIdBytes } from "./mimi/content.ts"
import { unsupportedContent } from "./unsupported.ts"

/** Earlier messages that the sender tells of. Without `messages` for whoever has them anyway. */
export interface SharedHistoryContent {
  readonly type: "shared_history"
  readonly to: readonly Hex[]
  readonly count: number
  readonly messages: readonly { readonly id: Hex; readonly accountId: Hex; readonly timeMs: number; readonly markdown: string }[]
}

/** Of one post. What does not fit goes into the next. */
const postMessages = 50
const postBytes = 65_536
/** Longer messages are left out. */
const messageBytes = 16_384
const accountsMax = 256
const dayMs = 86_400_000

type Shared = Pick<SharedHistory, "to" | "messages">

export const sharedHistory: ContentType<Shared, SharedHistoryContent> = {
  name: sharedPartKind,
  compose: async (writing, { to, messages }) => {
    const part = singlePart(mimeTypes.sharedHistory, encodeShared({ to, count: messages.length, messages }))
    return await writing.say({ part }, partsOf({ to, count: messages.length, messages: [] }), { keepsDraft: true })
  },
  accepts: ({ part }) => contentOf(part, mimeTypes.sharedHistory) !== undefined,
  receive: async (arrival) => {
    const { group, tx, sender, ownAccountId, isOwn } = arrival
    if (group.policy.kind !== "group" || !group.policy.history) return
    const shared = read(contentOf(arrival.part, mimeTypes.sharedHistory) ?? new Uint8Array())
    if (!shared) return await arrival.insert(unsupportedContent("malformed"))
    const isForMe = shared.to.some((account) => equal(account, ownAccountId))
    // Only who let somebody in tells them of what was before.
    const accounts = isForMe ? [ownAccountId] : shared.to
    if (!isOwn && !(await wereAddedBy(tx, group.groupId, { accounts, adder: sender.accountId }))) return
    const told = {
      kind: "history_shared",
      by: toHex(sender.accountId),
      accounts: shared.to.map(toHex),
      count: shared.messages.length,
    } as const
    if (!isForMe) return await arrival.tell(told)
    const messages = await believable(arrival, shared.messages)
    if (messages.length > 0) await arrival.insert(partsOf({ to: shared.to, count: messages.length, messages }))
  },
  view: ({ data }) => {
    const { to, count, messages } = decodeShared(data) ?? { to: [], count: 0, messages: [] }
    return {
      type: "shared_history",
      to: to.map(toHex),
      count,
      messages: messages.map(({ messageId, accountId, timeMs, markdown }) => ({
        id: toHex(messageId),
        accountId: toHex(accountId),
        timeMs,
        markdown,
      })),
    }
  },
}

function partsOf(shared: SharedHistory): Parameters<Arrival["insert"]>[0] {
  const searched = shared.messages.map(({ markdown }) => markdown).join("\n\n")
  return { parts: [{ kind: sharedPartKind, text: "", data: encodeShared(shared) }], ...(searched !== "" && { searched }) }
}

/** No more than a group can share, nothing from after it was sent, and nothing from whom this person has blocked. */
async function believable({ tx, chat, sender, timeMs }: Arrival, messages: readonly SharedMessage[]): Promise<readonly SharedMessage[]> {
  const room = historyLimits.messages - (await countShared(tx, chat.chatId, sender.accountId))
  const out: SharedMessage[] = []
  for (const message of messages) {
    if (out.length >= room) break
    if (message.timeMs > timeMs || (await findContact(tx, message.accountId))?.blocked) continue
    out.push(message)
  }
  return out
}

/** Undefined unless it is well-formed as a whole. */
function read(encoded: Uint8Array): Shared | undefined {
  try {
    const value = decodeCbor(encoded, { maxBytes: 2 * postBytes })
    if (!Array.isArray(value) || value.length !== 3) throw new CodecError("invalid_value", "shared history")
    const [to, count, messages] = value as CborValue[]
    if (!Array.isArray(to) || to.length === 0 || to.length > accountsMax || !to.every(isAccountId))
      throw new CodecError("invalid_value", "accounts")
    if (!Array.isArray(messages) || messages.length > postMessages || count !== messages.length)
      throw new CodecError("invalid_value", "count of messages")
    return { to, messages: messages.map(messageOf) }
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

function messageOf(value: CborValue): SharedMessage {
  if (!Array.isArray(value) || value.length !== 4) throw new CodecError("invalid_value", "shared message")
  const [messageId, accountId, timeMs, markdown] = value as CborValue[]
  if (!(messageId instanceof Uint8Array) || messageId.length !== messageIdBytes || !isAccountId(accountId))
    throw new CodecError("invalid_value", "ids of a shared message")
  if (typeof timeMs !== "number" || !Number.isSafeInteger(timeMs) || timeMs < 0) throw new CodecError("invalid_value", "time")
  if (typeof markdown !== "string" || !markdown.isWellFormed() || encodeCbor(markdown).length > messageBytes)
    throw new CodecError("invalid_value", "text")
  return { messageId, accountId, timeMs, markdown }
}

function isAccountId(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === idBytes
}

/**
 * What this device owes those it let into a group, as posts of which each fits. Undefined when nothing is owed. What is owed is over with this,
 * also when there is nothing to send: sharing was turned off since, or the device may not write there.
 */
export async function takeEarlierDue({
  tx,
  group,
  own,
  nowMs,
}: {
  readonly tx: Transaction
  readonly group: GroupRow
  readonly own: Uint8Array
  readonly nowMs: number
}): Promise<readonly Shared[] | undefined> {
  const due = await findEarlierDue(tx, group.groupId)
  if (!due) return undefined
  deleteEarlierDue(tx, due)
  const { history, rules } = group.policy
  if (!history || (rules.post === "admins" && roleOf(group.policy, own) !== "admin")) return []
  const [max, afterMs] = "messages" in history ? [history.messages, 0] : [historyLimits.messages, nowMs - history.days * dayMs]
  const found = await listToShare(tx, { groupId: group.groupId, beforeOrder: due.order, afterMs, max })
  const posts: SharedMessage[][] = []
  let bytes = Infinity
  for (const message of found) {
    const size = encodeCbor(message.markdown).length + 64
    if (size > messageBytes) continue
    if (bytes + size > postBytes || (posts.at(-1)?.length ?? 0) >= postMessages) {
      posts.push([])
      bytes = 0
    }
    posts.at(-1)?.push(message)
    bytes += size
  }
  return posts.map((messages) => ({ to: due.accounts.slice(0, accountsMax), messages }))
}
