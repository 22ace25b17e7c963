// Content: messages, reactions, receipts, profiles. It is encrypted for the present epoch, after everything that has to be sent first.

import { type RecordWrite, protect } from "@nodoor/mls"
import { pad } from "../content/payload/padme.ts"
import { ClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { findChat } from "../store/chat/chats.ts"
import { setSent, setUnsent } from "../store/chat/outgoing.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { hasOthers } from "../store/group/members.ts"
import { deleteItem, queuedOf, setFailed, setPlaced } from "../store/group/outbox.ts"
import { type OutboxItem, enqueueProposals } from "../store/group/outbox-item.ts"
import { findContact } from "../store/trust/contacts.ts"
import { sendingTexts } from "../texts/en.ts"
import type { Failures } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"
import { preparePost, sendPost } from "./post-request.ts"
import type { Posting } from "./posting.ts"
import type { Renewals } from "./renewals.ts"

export interface ContentParts {
  readonly own: Pick<OwnDevice, "accountId" | "signer">
  readonly posting: Pick<Posting, "post">
  readonly states: GroupStates
  readonly transactions: Transactions
  readonly renewals: Pick<Renewals, "goesFirst" | "count" | "room">
  readonly due: DueContent
}

/** What this device sends unasked. Each function queues it and returns whether there was anything to send. */
export interface DueContent {
  profile(tx: Transaction, group: GroupRow): Promise<boolean>
  receipts(tx: Transaction, group: GroupRow): Promise<boolean>
  /** What was written before, for whom this device let in. */
  history(tx: Transaction, group: GroupRow): Promise<boolean>
  /** What the other devices of the account are to hear. */
  sync(tx: Transaction, group: GroupRow): Promise<boolean>
  /** A KeyPackage of this device for the other person of a chat of two. */
  spare(tx: Transaction, group: GroupRow): Promise<boolean>
}

export class Content implements OutgoingKind {
  /** The next item does not wait for the own copy, because the server decides the order. */
  readonly waits: Waits = { forRemovals: true, forStops: true, forOwnCopy: false }
  readonly #parts: ContentParts
  readonly #failures: Failures

  constructor(parts: ContentParts, failures: Failures) {
    this.#parts = parts
    this.#failures = failures
  }

  /** Receipts and a profile that are due become content. */
  async refill(group: GroupRow): Promise<boolean> {
    if (group.status !== "active") return false
    const { transactions, own, due } = this.#parts
    return await transactions.run(async (tx) => {
      if (!(await isFamiliar(tx, group))) return false
      if (group.profileDue === 2 && (await hasOthers(tx, group.groupId, own.accountId))) return await due.profile(tx, group)
      if (await due.history(tx, group)) return true
      return (await due.receipts(tx, group)) || (await due.spare(tx, group)) || (await due.sync(tx, group))
    })
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    await this.prepareMany(group, [item])
  }

  /** Ends before an item that may have to let something else go first. It is then the first of the next ones. */
  async prepareMany(group: GroupRow, items: readonly OutboxItem[]): Promise<void> {
    const { states, transactions, own, renewals } = this.#parts
    await transactions.run(async (tx) => {
      let state = await states.find(tx, group.groupId)
      const current = await findGroup(tx, group.groupId)
      const [first, ...others] = await queuedOf(tx, items)
      if (!state || !current || !first || (await this.#letsOthersFirst(tx, current, first))) return
      const env = states.environment()
      const writes = new Map<string, RecordWrite>()
      const changesOver = others.findIndex((item) => isWritten(item) && !isWritten(first))
      const together = [first, ...others.slice(0, changesOver === -1 ? undefined : changesOver)].slice(0, renewals.room(current))
      for (const item of together) {
        const { change, message } = protect(env, state, { plaintext: pad(item.payload), signer: own.signer })
        preparePost(env, tx, item, { state, body: message })
        state = change.state
        for (const write of change.writes) writes.set(write.key, write)
      }
      renewals.count(tx, group.groupId, together.length)
      states.save(tx, { state, writes: [...writes.values()] })
    })
  }

  /** Whether something else was queued to go first. @throws ClientError `last_member` */
  async #letsOthersFirst(tx: Transaction, group: GroupRow, item: OutboxItem): Promise<boolean> {
    const { own, renewals, due } = this.#parts
    const written = isWritten(item)
    // RFC 9420 §12.4: proposals that were seen are committed before application data is sent.
    if (group.proposals > 0) {
      await enqueueProposals(tx, group.groupId)
      return true
    }
    if (group.policy.kind === "dm" && !(await hasOthers(tx, group.groupId, own.accountId)))
      throw new ClientError("last_member", sendingTexts.peerNotAdded)
    if (await renewals.goesFirst(tx, group, { written })) return true
    const introduces = group.profileDue > 0 && written && (await isFamiliar(tx, group))
    return introduces && (await due.profile(tx, group))
  }

  async post(request: Uint8Array): Promise<void> {
    await sendPost(this.#parts.posting, request)
  }

  placed(tx: Transaction, { chatId }: GroupRow, item: OutboxItem): void {
    setPlaced(tx, item)
    if (item.messageId) setSent(tx, { chatId, messageId: item.messageId })
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    return await this.#failures.usual(group, item, error, {
      giveUp: (tx, failure) => {
        if (!item.messageId) return deleteItem(tx, item)
        setFailed(tx, item)
        setUnsent(tx, { chatId: group.chatId, messageId: item.messageId }, failure)
      },
    })
  }
}

/** Whether a person wrote it. */
function isWritten({ messageId }: OutboxItem): boolean {
  return messageId !== undefined
}

/** Whether receipts and profiles may be sent to the chat: it was accepted, and nobody is blocked. */
async function isFamiliar(tx: Transaction, group: GroupRow): Promise<boolean> {
  const chat = await findChat(tx, group.chatId)
  if (chat?.state !== "active") return false
  return chat.peer === undefined || (await findContact(tx, chat.peer))?.blocked !== true
}
