// Taking in what the mailbox holds, one record per turn: nothing is acknowledged before it is stored, nothing is applied before it was
// checked, and what cannot be read is kept and shown as waiting.

import { CodecError, toHex } from "@nodoor/bytes"
import {
  type GroupState,
  MlsError,
  type Processed,
  type StagedCommit,
  decodeStaged,
  isOfLaterSelf,
  members,
  peek,
  process,
} from "@nodoor/mls"
import type { MailboxRecord } from "@nodoor/wire"
import { raiseAlarm } from "../store/trust/alarms.ts"
import type { ChatEvent } from "../store/chat/chat-event.ts"
import { CommitApplication } from "../group/commit/commit-application.ts"
import { judgeCommit } from "../group/commit/commit-judgement.ts"
import type { ContentIntake } from "../content/content-intake.ts"
import type { GroupStates } from "../group/group-states.ts"
import { appendHistory } from "../group/history/history.ts"
import { historyContradicted } from "../group/history/history-claim.ts"
import { Joining } from "../group/join/joining.ts"
import type { Kernel } from "../core/kernel.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { OlderCopy } from "../store/older-copy.ts"
import { erasePrepared } from "../store/group/outbox-failure.ts"
import { enqueueRevoke } from "../store/group/outbox-item.ts"
import { insertEvent, insertMessage, placeMessage } from "../store/chat/messages.ts"
import { noteMismatch } from "../group/history/history-mismatch.ts"
import { isOfRemovedProposer } from "../group/removed-device/removed-proposer.ts"
import { mayBeCommitted } from "../group/policy/proposal-judgement.ts"
import { Undecided, heldRetryMs } from "../trust/device/undecided.ts"
import { type IdentifiedMember, type Lookups, identify } from "../trust/trust.ts"
import type { Transaction } from "../core/transaction.ts"

type BodyRecord = Extract<MailboxRecord, { readonly kind: "post" | "commit" }>

export class Intake {
  readonly #kernel: Kernel
  readonly #states: GroupStates
  readonly #content: ContentIntake
  readonly #joining: Joining
  readonly #commits: CommitApplication

  constructor(kernel: Kernel, content: ContentIntake) {
    this.#kernel = kernel
    this.#states = kernel.states
    this.#content = content
    this.#joining = new Joining(kernel)
    this.#commits = new CommitApplication(kernel)
  }

  /**
   * Takes in one record within a turn. `looks`: what was asked for since the record was first tried.
   * @throws Undecided when accounts must be asked for first; OlderCopy
   */
  async take(tx: Transaction, record: MailboxRecord, looks: Lookups): Promise<void> {
    switch (record.kind) {
      case "gap":
        raiseAlarm(tx, this.#kernel.random, {
          level: "warn",
          code: "mailbox_gap",
          text: "Messages for this device waited longer than the server keeps them, or there were more than it keeps: the oldest are gone. Ask for what you may have missed.",
          atMs: this.#kernel.clock.nowMs(),
        })
        return
      case "welcome":
        return await this.#joining.take(tx, record, looks)
      case "post":
      case "commit":
        return await this.#takeBody(tx, record, looks)
    }
  }

  async #takeBody(tx: Transaction, record: BodyRecord, looks: Lookups): Promise<void> {
    const group = await findGroup(tx, record.groupId)
    if (!group || group.status === "left" || record.order <= group.lastOrder) return
    const bodyHash = this.#kernel.crypto.sha256(record.body)
    if (record.order !== group.lastOrder + 1) await noteMismatch(this.#kernel, tx, group, { place: record, code: "gap" })
    const others = await appendHistory(tx, this.#kernel.crypto.sha256, { groupId: record.groupId, order: record.order, bodyHash })
    for (const by of others) await historyContradicted(this.#kernel, tx, group, { record, by })
    tx.write("UPDATE mls_group SET last_order = ? WHERE group_id = ?", record.order, record.groupId)
    const [own] = await tx.read(
      "SELECT outbox_id, message_id, epoch, staged FROM own_body WHERE group_id = ? AND body_hash = ?",
      record.groupId,
      bodyHash,
    )
    const state = await this.#states.find(tx, record.groupId)
    if (!state) return
    if (own)
      return await this.#takeOwn(tx, {
        group,
        state,
        record,
        bodyHash,
        outboxId: Number(own["outbox_id"]),
        messageId: own["message_id"] as Uint8Array | null,
        epoch: Number(own["epoch"]),
        staged: own["staged"] as Uint8Array | null,
      })
    await this.#takeOther(tx, { group, state, record, looks })
  }

  /** An own body came back: it has its place now. */
  async #takeOwn(
    tx: Transaction,
    {
      group,
      state,
      record,
      bodyHash,
      outboxId,
      messageId,
      epoch,
      staged,
    }: {
      group: GroupRow
      state: GroupState
      record: BodyRecord
      bodyHash: Uint8Array
      outboxId: number
      messageId: Uint8Array | null
      epoch: number
      staged: Uint8Array | null
    },
  ): Promise<void> {
    // Our commit delivered as a message, or our message as a commit, is not what we sent: it takes its order and does nothing.
    if ((staged !== null) !== (record.kind === "commit")) return
    tx.trace("intake", "own", { kind: record.kind })
    tx.write("DELETE FROM own_body WHERE group_id = ? AND body_hash = ?", record.groupId, bodyHash)
    tx.write("DELETE FROM outbox WHERE id = ?", outboxId)
    tx.after(() => this.#kernel.kick(record.groupId))
    if (staged) {
      const commit = decodeStaged(this.#states.environment(), state, staged)
      return await this.#commits.apply(tx, { group, state, staged: commit, record })
    }
    if (messageId) await placeMessage(tx, { chatId: group.chatId, messageId, order: record.order, epoch, timeMs: record.timeMs })
  }

  async #takeOther(tx: Transaction, input: { group: GroupRow; state: GroupState; record: BodyRecord; looks: Lookups }): Promise<void> {
    const { group, state, record } = input
    let processed: Processed
    try {
      processed = process(this.#states.environment(), state, record.body)
    } catch (error) {
      if (!(error instanceof MlsError || error instanceof CodecError)) throw error
      if (error.code === "own_message" && isOfLaterSelf(this.#states.environment(), state, record.body)) throw new OlderCopy("signature")
      return record.kind === "commit"
        ? await this.#halt(tx, input, { by: undefined, code: error.code })
        : await this.#keepWaiting(tx, group, record, error.code)
    }
    tx.trace("intake", "processed", { kind: processed.kind, record: record.kind })
    switch (processed.kind) {
      case "application":
        this.#states.save(tx, processed.change)
        if (record.kind === "commit") return await this.#halt(tx, input, { by: undefined, code: "not_a_commit" })
        return await this.#content.take(tx, {
          group,
          sender: identify(processed.sender),
          padded: processed.plaintext,
          epoch: Number(processed.epoch),
          record,
          looks: input.looks,
        })
      case "proposal":
        // One that no honest commit can carry would stand in the way of all of them: it is forgotten as it comes.
        if (!mayBeCommitted(processed, members(state))) return this.#states.save(tx, processed.discarded)
        if (await isOfRemovedProposer(this.#kernel.trust, processed, { looks: input.looks, timeMs: record.timeMs })) {
          this.#states.save(tx, processed.discarded)
          await enqueueRevoke(tx, record.groupId, identify(processed.sender).accountId)
          return tx.after(() => this.#kernel.kick(record.groupId))
        }
        this.#states.save(tx, processed.change)
        tx.write("UPDATE mls_group SET proposals = proposals + 1 WHERE group_id = ?", record.groupId)
        tx.after(() => this.#kernel.proposalsWait(record.groupId))
        return
      case "commit":
        this.#states.save(tx, processed.change)
        if (record.kind === "post") return await this.#keepWaiting(tx, group, record, "commit_out_of_band")
        return await this.#takeCommit(tx, input, processed.staged)
    }
  }

  async #takeCommit(
    tx: Transaction,
    input: { group: GroupRow; state: GroupState; record: BodyRecord; looks: Lookups },
    staged: StagedCommit,
  ): Promise<void> {
    const verdict = await judgeCommit(this.#kernel.trust, input.state, staged, { looks: input.looks, timeMs: input.record.timeMs })
    switch (verdict.status) {
      case "lookup":
        throw new Undecided(verdict)
      case "held":
        throw new Undecided({ waitMs: heldRetryMs })
      case "refused":
        return await this.#halt(tx, input, { by: committerOf(input.state, staged), code: verdict.code })
      case "allowed": {
        const current = await this.#states.find(tx, input.record.groupId)
        return await this.#commits.apply(tx, { group: input.group, state: current ?? input.state, staged, record: input.record })
      }
    }
  }

  /** The group stands still here: somebody's commit broke policy or trust, or cannot be read. Nobody was let in, nothing is sent. */
  async #halt(
    tx: Transaction,
    { group, record }: { group: GroupRow; record: BodyRecord },
    refused: { readonly by: IdentifiedMember | undefined; readonly code: string },
  ): Promise<void> {
    if (group.status === "halted") return
    tx.write("UPDATE mls_group SET status = 'halted' WHERE group_id = ?", record.groupId)
    tx.write("UPDATE chat SET state = 'halted' WHERE chat_id = ?", group.chatId)
    erasePrepared(tx, record.groupId)
    const accountId = refused.by?.accountId ?? new Uint8Array(16)
    const event: ChatEvent = { kind: "refused_commit", by: toHex(accountId), code: refused.code }
    await insertEvent(
      tx,
      this.#kernel.crypto.sha256,
      { chatId: group.chatId, groupId: group.groupId, order: record.order, timeMs: record.timeMs, accountId },
      event,
    )
    raiseAlarm(tx, this.#kernel.random, {
      level: "red",
      code: `commit_refused_${refused.code}`,
      text: "A change to this chat broke its rules or could not be verified. It was refused, nobody was let in, and nothing more is sent here.",
      chatId: group.chatId,
      accountId: refused.by?.accountId,
      atMs: this.#kernel.clock.nowMs(),
    })
  }

  /** Kept with its ciphertext, shown in its place. What was sent before this device was let in is not for it. */
  async #keepWaiting(tx: Transaction, group: GroupRow, record: BodyRecord, code: string): Promise<void> {
    const seen = peekQuietly(record.body)
    if (seen && seen.epoch < group.joinedEpoch) return
    // A proposal that came after the commit that ended its epoch proposes nothing any more (RFC 9420 §12.4); whoever meant it makes another.
    if (seen?.contentType === "proposal" && seen.epoch < group.epoch) return
    const messageId = this.#kernel.crypto.sha256(record.body)
    const { chatId, groupId } = group
    await insertMessage(tx, {
      chatId,
      groupId,
      messageId,
      order: record.order,
      timeMs: record.timeMs,
      accountId: new Uint8Array(16),
      kind: "waiting",
      parts: [{ kind: "waiting", text: code }],
      body: record.body,
    })
  }
}

function peekQuietly(body: Uint8Array): { readonly epoch: number; readonly contentType: string } | undefined {
  try {
    const { epoch, contentType } = peek(body)
    return { epoch: Number(epoch), contentType }
  } catch {
    return undefined
  }
}

function committerOf(state: GroupState, staged: StagedCommit): IdentifiedMember | undefined {
  const member = members(state).find((candidate) => candidate.leafIndex === staged.committer)
  try {
    return member && identify(member)
  } catch {
    return undefined
  }
}
