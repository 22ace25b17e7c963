// Registers a new group at the server. Nothing else is sent in the group before.

import { equal } from "@nodoor/bytes"
import { claimKeyPackages, createGroup, decodeMessage, encodeMessage } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Session } from "../core/session.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { signedCreation } from "../group/signed-request.ts"
import { setChatState } from "../store/chat/chats.ts"
import { type GroupRow, setGroupStatus } from "../store/group/groups.ts"
import { deleteItem, setPrepared } from "../store/group/outbox.ts"
import { failOutbox } from "../store/group/outbox-failure.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { sendingTexts } from "../texts/en.ts"
import type { Failures } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"

export interface CreateGroupParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly session: Pick<Session, "call">
  readonly states: GroupStates
  readonly transactions: Transactions
}

export class CreateGroup implements OutgoingKind {
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly #parts: CreateGroupParts
  readonly #failures: Failures

  constructor(parts: CreateGroupParts, failures: Failures) {
    this.#parts = parts
    this.#failures = failures
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    const { own, session, states, transactions } = this.#parts
    const { claims } = await session.call(claimKeyPackages, { accountId: own.accountId, deviceIds: [own.deviceId] })
    const claim = claims.find((candidate) => equal(candidate.deviceId, own.deviceId))
    if (!claim) throw new ClientError("identity_untrusted", sendingTexts.noPlace)
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      if (!state) return
      const request = signedCreation(states.environment(), state, { mailbox: own.deviceId, token: claim.token })
      setPrepared(tx, item, { request: encodeMessage(request), epoch: 0, bodyHash: undefined })
    })
  }

  async post(request: Uint8Array): Promise<void> {
    await this.#parts.session.call(createGroup, decodeMessage(createGroup.request, request, createGroup.maxRequestBytes))
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    deleteItem(tx, item)
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    return await this.#failures.usual(group, item, error, {
      // Nothing can be sent in a group that the server does not know.
      giveUp: async (tx, failure) => {
        failOutbox(tx, group, failure)
        await this.#failures.report(tx, group, failure)
        setGroupStatus(tx, group.groupId, "halted")
        setChatState(tx, group.chatId, "halted")
      },
    })
  }
}
