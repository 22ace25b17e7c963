// Making what is posted: signed, encrypted for the present epoch, and stored before anything of it leaves.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { encodeStaged, propose, protect } from "@nodoor/mls"
import { type ErrorCode, WireError, claimKeyPackages, createSignatureInput, encodeMessage, postSignatureInput } from "@nodoor/wire"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { calledInWords } from "../trust/name/called.ts"
import { ClientError } from "../core/client-error.ts"
import { type ClaimedDevice, heldError } from "../group/commit/claimed-devices.ts"
import { CommitBuilder } from "../group/commit/commit-builder.ts"
import { composeProfile } from "../content/compose.ts"
import { deliveryKey } from "../group/delivery-key.ts"
import { type Intent, decodeIntent } from "../store/group/intent.ts"
import type { Kernel } from "../core/kernel.ts"
import { insertOwnBody } from "../store/group/own-bodies.ts"
import { isQueued, setPrepared } from "../store/group/outbox.ts"
import { type OutboxItem, enqueueProposals, ranks } from "../store/group/outbox-item.ts"
import { pad } from "../content/padme.ts"
import { renewalLimits } from "./renewal-schedule.ts"
import { endRemovalAlarm } from "../group/membership/removals.ts"
import { accountsOf, hasOthers } from "../store/group/members.ts"
import { findChat } from "../store/chat/chats.ts"
import { findContact } from "../store/trust/contacts.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import type { Transaction } from "../core/transaction.ts"

/**
 * Newcomers look anew: what changed since the last look of whoever lets them in keeps them waiting until a member notices. So whoever lets
 * them in looks anew too, in a large group only if it did not a moment ago.
 */
const askedAnewMax = 45
const membersFreshForMs = 300_000
/** Refusals of one account, which say nothing of the others. */
const keptOut: readonly ErrorCode[] = ["blocked", "account_not_found", "account_unavailable"]

const clockText =
  " Its keys are not valid at the time of this device: the two clocks differ by more than a month, or it was away for more than three. Check the time of this device, and ask them to check theirs."

export class Preparation {
  readonly #kernel: Kernel
  readonly #builder: CommitBuilder

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#builder = new CommitBuilder(kernel)
  }

  /** Reads what is needed of the network, then fixes the request in one turn. @throws WireError, NetworkError, ClientError */
  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    switch (item.kind) {
      case "create":
        return await this.#prepareCreate(group, item)
      case "commit":
        return await this.#prepareCommit(group, item)
      case "proposal":
        return await this.#prepareProposal(group, item)
      case "content":
        return await this.#prepareContent(group, item)
    }
  }

  async #prepareCreate(group: GroupRow, item: OutboxItem): Promise<void> {
    const { own, session, crypto, states, transactions } = this.#kernel
    const { claims } = await session.call(claimKeyPackages, { accountId: own.accountId, deviceIds: [own.deviceId] })
    const claim = claims.find((candidate) => equal(candidate.deviceId, own.deviceId))
    if (!claim) throw new ClientError("identity_untrusted", "The server gave no place for this device.")
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      if (!state) return
      const key = deliveryKey(states.environment(), state)
      const unsigned = { groupId: group.groupId, deliveryKey: key.publicKey, mailbox: own.deviceId, token: claim.token }
      const signature = crypto.signEd25519({ privateKey: key.privateKey, message: createSignatureInput(unsigned) })
      setPrepared(tx, item, { request: encodeMessage({ ...unsigned, signature }), epoch: 0, bodyHash: undefined })
    })
  }

  async #prepareCommit(group: GroupRow, item: OutboxItem): Promise<void> {
    const intent = decodeIntent(item.payload)
    const { states, transactions, crypto, watch, renewals } = this.#kernel
    // Whoever gets this looks for our own leaf in the log: it must be there first.
    if (intent.type === "add") await watch.ownIsLogged()
    const claims = intent.type === "add" ? await this.#claims(group, intent) : []
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      if (!state || !(await isQueued(tx, item))) return
      const current = await findGroup(tx, group.groupId)
      const forcePath = intent.type === "renew" || (current !== undefined && (await renewals.ridesAlong(tx, current)))
      const built = await this.#builder.build(state, intent, claims, { forcePath })
      if (!built) {
        tx.write("DELETE FROM outbox WHERE id = ?", item.id)
        return endRemovalAlarm(tx, group, this.#kernel.clock.nowMs())
      }
      if (intent.type === "renew" && item.rank < ranks.last && built.request.commit.length > renewalLimits.aheadBytes)
        return tx.write("UPDATE outbox SET rank = ? WHERE id = ?", ranks.last, item.id)
      for (const { claim, code } of built.refused) await this.#noteRefusal(tx, group, claim.accountId, code)
      const bodyHash = crypto.sha256(built.request.commit)
      setPrepared(tx, item, { request: encodeMessage(built.request), epoch: built.request.epoch, bodyHash })
      insertOwnBody(tx, {
        outboxId: item.id,
        messageId: item.messageId,
        groupId: group.groupId,
        bodyHash,
        epoch: built.request.epoch,
        staged: encodeStaged(built.own.staged),
      })
      // RFC 9420 §9.1: a commit built again in this epoch must not be sealed with the same key.
      states.save(tx, built.own.change)
    })
  }

  /**
   * Every account is asked for anew before its devices are let in. One that cannot be let in does not keep the others out.
   * @throws the refusal when nobody is left
   */
  async #claims(group: GroupRow, intent: Extract<Intent, { readonly type: "add" }>): Promise<readonly ClaimedDevice[]> {
    const { session, trust } = this.#kernel
    const out: ClaimedDevice[] = []
    await this.#lookAtMembers(group)
    for (const accountId of intent.accounts) {
      try {
        await trust.refresh({ accountId })
        // Who was compared in person was so by this person only: in a group the others do not know them yet.
        const verifiedCounts = group.policy.kind !== "group"
        const heldMs = (await trust.heldUntilMs(accountId, { verifiedCounts })) ?? (await trust.heldUntilMs(accountId))
        if (heldMs !== undefined) throw heldError(heldMs, { nowMs: this.#kernel.clock.nowMs(), verifiedCounts })
        const { claims } = await session.call(claimKeyPackages, { accountId })
        out.push(...claims.map((claim) => ({ ...claim, accountId })))
      } catch (error) {
        const final =
          (error instanceof ClientError && error.code !== "log_unavailable" && error.code !== "log_untrusted") ||
          (error instanceof WireError && keptOut.includes(error.code))
        if (!final || intent.accounts.length === 1) throw error
        await this.#tellRefusal(group, accountId, error)
      }
    }
    if (out.length === 0) throw new ClientError("not_found", "Nobody could be let in.")
    return out
  }

  /** Who lets somebody in takes out what its account does not list (`CommitBuilder`): newcomers look too. @throws as `KeyLog.search` */
  async #lookAtMembers(group: GroupRow): Promise<void> {
    const { trust, transactions, own } = this.#kernel
    const { database } = transactions
    const accounts = await accountsOf({ read: (sql, ...values) => database.read(sql, values) }, group.groupId)
    const others = [...accounts.values()].filter((accountId) => !equal(accountId, own.accountId))
    const due: AccountId[] = []
    const withinMs = others.length > askedAnewMax ? membersFreshForMs : 0
    for (const accountId of others) if (!(await trust.isRecent(accountId, withinMs))) due.push(accountId)
    await trust.askAll(due)
  }

  async #tellRefusal(group: GroupRow, accountId: Uint8Array, error: ClientError | WireError): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => await this.#noteRefusal(tx, group, accountId, error.code))
  }

  async #noteRefusal(tx: Transaction, group: GroupRow, accountId: Uint8Array, code: string): Promise<void> {
    const who = await calledInWords(tx, accountId, "Somebody")
    const why = code === "clock_differs" ? clockText : ""
    await raiseAlarmOnce(tx, this.#kernel.random, {
      level: "notice",
      code: `not_added_${code}`,
      text:
        code === "identity_untrusted" || code === "clock_differs"
          ? `A device of ${who} could not be let into this chat.${why}`
          : `${who} could not be let into this chat.`,
      chatId: group.chatId,
      accountId,
      atMs: this.#kernel.clock.nowMs(),
    })
  }

  async #prepareProposal(group: GroupRow, item: OutboxItem): Promise<void> {
    const { states, transactions, own } = this.#kernel
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      if (!state || !(await isQueued(tx, item))) return
      const { change, message } = propose(states.environment(), state, {
        proposal: { type: "remove", leafIndex: state.ownLeafIndex },
        signer: own.signer,
      })
      this.#savePost(tx, group, item, { state, message })
      states.save(tx, change)
    })
  }

  async #prepareContent(group: GroupRow, item: OutboxItem): Promise<void> {
    const { states, transactions, own, renewals } = this.#kernel
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      const current = await findGroup(tx, group.groupId)
      if (!state || !current || !(await isQueued(tx, item))) return
      // RFC 9420 §12.4: proposals that were seen are committed before application data is sent.
      if (current.proposals > 0) return await enqueueProposals(tx, group.groupId)
      if (current.policy.kind === "dm" && !(await hasOthers(tx, group.groupId, own.accountId)))
        throw new ClientError("last_member", "The other person could not be let into this chat.")
      if (await renewals.goesFirst(tx, current, { written: item.messageId !== undefined })) return
      const introduces = current.profileDue > 0 && item.messageId !== undefined && (await isFamiliar(tx, group))
      if (introduces && (await composeProfile(this.#kernel, tx, current))) return
      const { change, message } = protect(states.environment(), state, { plaintext: pad(item.payload), signer: own.signer })
      renewals.count(tx, group.groupId)
      this.#savePost(tx, group, item, { state, message })
      states.save(tx, change)
    })
  }

  #savePost(
    tx: Transaction,
    group: GroupRow,
    item: OutboxItem,
    { state, message }: { readonly state: Parameters<typeof deliveryKey>[1]; readonly message: Uint8Array },
  ): void {
    const { crypto, states } = this.#kernel
    const unsigned = { groupId: group.groupId, epoch: Number(state.epoch), body: message }
    const signature = crypto.signEd25519({
      privateKey: deliveryKey(states.environment(), state).privateKey,
      message: postSignatureInput(crypto.sha256, unsigned),
    })
    const bodyHash = crypto.sha256(message)
    setPrepared(tx, item, { request: encodeMessage({ ...unsigned, signature }), epoch: unsigned.epoch, bodyHash })
    insertOwnBody(tx, {
      outboxId: item.id,
      messageId: item.messageId,
      groupId: group.groupId,
      bodyHash,
      epoch: unsigned.epoch,
      staged: undefined,
    })
  }
}

/** Whether anything may go back to a chat besides what its person writes: it was accepted. */
export async function isFamiliar(tx: Transaction, group: GroupRow): Promise<boolean> {
  const chat = await findChat(tx, group.chatId)
  if (chat?.state !== "active") return false
  return chat.peer === undefined || (await findContact(tx, chat.peer))?.blocked !== true
}
