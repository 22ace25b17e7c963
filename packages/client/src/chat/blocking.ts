// Blocking a contact. This device drops their messages. The server is told as well, so that it refuses their invitations.

import type { AccountId } from "@nodoor/keylog"
import { WireError, block } from "@nodoor/wire"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Session } from "../core/session.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { contactChatsChanged } from "../store/chat/chats.ts"
import { listGroupsWith } from "../store/group/groups.ts"
import { hasOthers } from "../store/group/members.ts"
import { failWaitingFor } from "../store/group/outbox-failure.ts"
import { blockContact, blockTold, findContact, listBlocksDue } from "../store/trust/contacts.ts"
import { lookupTexts, messageTexts } from "../texts/en.ts"

export interface WakeParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly transactions: Pick<Transactions, "run">
  kick(groupId: Uint8Array): void
}

/** @throws ClientError `not_found` */
export async function setBlocked(parts: WakeParts, accountId: AccountId, blocked: boolean): Promise<void> {
  await parts.transactions.run(async (tx) => {
    if (!(await findContact(tx, accountId))) throw new ClientError("not_found", lookupTexts.noContact)
    blockContact(tx, accountId, { blocked })
    // Waiting messages fail instead of being sent by surprise after the block ends. The person can send them again.
    if (blocked) failWaitingFor(tx, accountId, { code: "not_writable", message: messageTexts.blockedBefore })
    await contactChatsChanged(tx, accountId)
    await wakeChatsWith(parts, tx, accountId)
  })
}

export interface TellingParts {
  readonly transactions: Pick<Transactions, "run" | "database">
  readonly session: Pick<Session, "call">
}

/** Tells the server about blocks that it does not know yet. @throws WireError, NetworkError: the rest is told next time */
export async function tellBlocks({ transactions, session }: TellingParts): Promise<void> {
  const { database } = transactions
  for (const due of await listBlocksDue({ read: (sql, ...values) => database.read(sql, values) })) {
    await session.call(block, due)
    await transactions.run(async (tx) => blockTold(tx, due))
  }
}

/** Sending continues where it was held back. A chat without the other person waits until they are added again. */
export async function wakeChatsWith({ own, kick }: Omit<WakeParts, "transactions">, tx: Transaction, peer: AccountId): Promise<void> {
  for (const groupId of await listGroupsWith(tx, peer)) if (await hasOthers(tx, groupId, own.accountId)) tx.after(() => kick(groupId))
}

const kind = "blocks"

/** Tells the server as soon as it can be reached. */
export class BlockTelling implements Part {
  readonly #jobs: Pick<Jobs, "register" | "schedule">

  constructor({ jobs, ...parts }: TellingParts & { readonly jobs: Pick<Jobs, "register" | "schedule"> }) {
    this.#jobs = jobs
    const run = async (): Promise<JobEnd> => {
      try {
        await tellBlocks(parts)
      } catch (error) {
        if (error instanceof WireError || error instanceof NetworkError) return "failed"
        throw error
      }
    }
    jobs.register({ kind, whileOnline: true, run })
  }

  online(): void {
    this.#jobs.schedule({ kind, inMs: 0 })
  }

  offline(): void {}

  close(): void {}
}
