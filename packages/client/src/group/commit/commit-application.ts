// What follows from a commit that is applied: the new epoch, the members, the lines in the chat, and what was waiting for it.

import { compare, concat, equal, toHex } from "@nodoor/bytes"
import { type GroupState, type StagedCommit, applyCommit, members } from "@nodoor/mls"
import { type MailboxRecord, plainName } from "@nodoor/wire"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import type { ChatEvent } from "../../store/chat/chat-event.ts"
import type { Kernel } from "../../core/kernel.ts"
import { mustGo } from "../membership/must-go.ts"
import { erasePrepared, failOutbox } from "../../store/group/outbox-failure.ts"
import { enqueueLeave, enqueueRevoke } from "../../store/group/outbox-item.ts"
import { type Policy, encodePolicy, policyOf, roleOf } from "../../core/policy.ts"
import { endRemovalAlarm } from "../membership/removals.ts"
import { changeMembership } from "../../store/group/membership.ts"
import { changeMembers } from "../../store/group/members.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import type { Transaction } from "../../core/transaction.ts"

type PlacedRecord = Extract<MailboxRecord, { readonly kind: "post" | "commit" | "welcome" }>

export class CommitApplication {
  readonly #kernel: Kernel

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** The commit was judged. Everything it means is written in this turn. */
  async apply(
    tx: Transaction,
    input: { readonly group: GroupRow; readonly state: GroupState; readonly staged: StagedCommit; readonly record: PlacedRecord },
  ): Promise<void> {
    const { group, state, staged, record } = input
    const before = members(state).map(identify)
    const change = applyCommit(this.#kernel.states.environment(), state, staged)
    const policy = policyOf(staged.extensionsAfter)
    const committer = before.find((leaf) => leaf.leafIndex === staged.committer)
    this.#kernel.states.save(tx, change)
    if (staged.removesOwn) {
      this.#kernel.states.erase(tx, group.groupId)
      tx.write("UPDATE mls_group SET status = 'left', proposals = 0 WHERE group_id = ?", group.groupId)
      tx.write("UPDATE chat SET state = 'left' WHERE chat_id = ? AND group_id = ?", group.chatId, group.groupId)
      this.#failQueued(tx, group)
      erasePrepared(tx, group.groupId)
      await this.#tell(tx, input, { before, after: before.filter((leaf) => leaf.leafIndex !== state.ownLeafIndex), policy, committer })
      return
    }
    const after = members(change.state).map(identify)
    changeMembers(tx, group.groupId, { added: staged.added.map(identify), removed: staged.removed })
    changeMembership(tx, { groupId: group.groupId, epoch: Number(change.state.epoch), order: record.order }, { before, after })
    await this.removeRevoked(tx, group, [...staged.added.map(identify), ...after.filter((leaf) => leaf.leafIndex === staged.committer)])
    tx.write(
      "UPDATE mls_group SET epoch = ?, policy = ?, proposals = 0 WHERE group_id = ?",
      Number(change.state.epoch),
      encodePolicy(policy),
      group.groupId,
    )
    tx.write("DELETE FROM own_body WHERE group_id = ? AND staged IS NOT NULL AND epoch < ?", group.groupId, Number(change.state.epoch))
    const ownPath = staged.committer === state.ownLeafIndex && staged.updated.some((leaf) => leaf.after.leafIndex === state.ownLeafIndex)
    this.#kernel.renewals.taken(tx, group.groupId, { own: ownPath })
    // What was prepared for the old epoch and lost the race is made anew; a message may still be taken with the previous epoch's key.
    tx.write(
      "UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE group_id = ? AND kind IN ('commit', 'proposal') AND status != 'queued'",
      group.groupId,
    )
    // Whoever was taken out holds the keys of the old epoch: what was encrypted under them and not placed is encrypted anew.
    if (staged.removed.length > 0)
      tx.write(
        "UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE group_id = ? AND kind = 'content' AND status = 'prepared'",
        group.groupId,
      )
    if (group.status === "leaving") await enqueueLeave(tx, group.groupId)
    endRemovalAlarm(tx, group, this.#kernel.clock.nowMs())
    await this.#tell(tx, input, { before, after, policy, committer })
    if (record.kind !== "post") await this.checkFanout(tx, group, after, record)
    if (staged.added.length > 0) this.#profileDue(tx, group, committer)
    tx.chatChanged(group.chatId)
    tx.after(() => this.#kernel.kick(group.groupId))
  }

  /** Leaves that are not listed by now, and in a group those that are held, go again before this device sends anything. */
  async removeRevoked(
    tx: Transaction,
    { groupId, policy }: Pick<GroupRow, "groupId" | "policy">,
    leaves: readonly IdentifiedMember[],
  ): Promise<void> {
    const { own, trust } = this.#kernel
    for (const leaf of leaves) if (await mustGo(trust, own, { leaf, kind: policy.kind })) await enqueueRevoke(tx, groupId, leaf.accountId)
  }

  /** The server's delivery list must be the devices of the tree: nobody dropped from it or slipped into it unseen. */
  async checkFanout(
    tx: Transaction,
    group: Pick<GroupRow, "groupId" | "chatId">,
    leaves: readonly IdentifiedMember[],
    record: Exclude<PlacedRecord, { readonly kind: "post" }>,
  ): Promise<void> {
    const mailboxes = leaves.map((leaf) => leaf.deviceId).toSorted(compare)
    if (equal(this.#kernel.crypto.sha256(concat(...mailboxes)), record.fanout)) return
    await this.historyMismatch(tx, group, record, "fanout")
  }

  async historyMismatch(
    tx: Transaction,
    group: Pick<GroupRow, "groupId" | "chatId">,
    record: PlacedRecord,
    code: "gap" | "fanout",
  ): Promise<void> {
    const at = {
      chatId: group.chatId,
      groupId: group.groupId,
      order: record.order,
      timeMs: record.timeMs,
      accountId: this.#kernel.own.accountId,
    }
    await insertEvent(tx, this.#kernel.crypto.sha256, at, { kind: "history_mismatch", code })
    await raiseAlarmOnce(tx, this.#kernel.random, {
      level: "warn",
      code: `history_${code}`,
      text: mismatchTexts[code],
      chatId: group.chatId,
      atMs: this.#kernel.clock.nowMs(),
    })
  }

  async #tell(
    tx: Transaction,
    { group, staged, record }: { readonly group: GroupRow; readonly staged: StagedCommit; readonly record: PlacedRecord },
    change: {
      readonly before: readonly IdentifiedMember[]
      readonly after: readonly IdentifiedMember[]
      readonly policy: Policy
      readonly committer: IdentifiedMember | undefined
    },
  ): Promise<void> {
    const { before, after, policy, committer } = change
    const by = committer?.accountId ?? this.#kernel.own.accountId
    const at = { chatId: group.chatId, groupId: group.groupId, order: record.order, timeMs: record.timeMs, accountId: by }
    // Who deleted their account was told of when the log showed it: nobody removed them, and nobody let them go.
    const ended = new Set<string>()
    for (const leaf of staged.removed.map(identify)) if (await this.#kernel.trust.hasEnded(leaf.accountId)) ended.add(toHex(leaf.accountId))
    for (const event of eventsOf({ group, staged, before, after, policy, by, ended }))
      await insertEvent(tx, this.#kernel.crypto.sha256, at, event)
  }

  #profileDue(tx: Transaction, group: GroupRow, committer: IdentifiedMember | undefined): void {
    const now = committer !== undefined && equal(committer.accountId, this.#kernel.own.accountId)
    tx.write("UPDATE mls_group SET profile_due = MAX(profile_due, ?) WHERE group_id = ?", now ? 2 : 1, group.groupId)
  }

  #failQueued(tx: Transaction, group: GroupRow): void {
    failOutbox(tx, group, { code: "not_writable", message: "This device is no longer in the chat." })
  }
}

const mismatchTexts = {
  gap: "The server withheld something in this chat. Ask the others what you may have missed.",
  fanout: "The server delivers this chat to other devices than those of its members.",
} as const

/** The lines that tell what a commit did, in the order a person would. */
function* eventsOf(input: {
  readonly group: GroupRow
  readonly staged: StagedCommit
  readonly before: readonly IdentifiedMember[]
  readonly after: readonly IdentifiedMember[]
  readonly policy: Policy
  readonly by: Uint8Array
  readonly ended: ReadonlySet<string>
}): Iterable<ChatEvent> {
  const { group, staged, before, after, policy, ended } = input
  const by = toHex(input.by)
  const accounts = (leaves: readonly IdentifiedMember[]): Set<string> => new Set(leaves.map((leaf) => toHex(leaf.accountId)))
  const [present, remaining] = [accounts(before), accounts(after)]
  const added = [...remaining].filter((account) => !present.has(account))
  const gone = [...present].filter((account) => !remaining.has(account) && !ended.has(account))
  const leftByThemselves = gone.filter((account) => account === by || proposedBySelf(staged, before, account))
  const removed = gone.filter((account) => !leftByThemselves.includes(account))
  if (added.length > 0 && group.policy.kind === "group") yield { kind: "added", by, accounts: added }
  if (removed.length > 0) yield { kind: "removed", by, accounts: removed }
  for (const account of leftByThemselves) yield { kind: "left", account }
  for (const leaf of staged.added.map(identify))
    if (present.has(toHex(leaf.accountId))) yield { kind: "device_added", account: toHex(leaf.accountId) }
  for (const leaf of staged.removed.map(identify))
    if (remaining.has(toHex(leaf.accountId))) yield { kind: "device_removed", account: toHex(leaf.accountId) }
  if (policy.name !== group.policy.name) yield { kind: "renamed", by, name: plainName(policy.name) }
  for (const account of remaining) {
    if (!present.has(account)) continue
    const leaf = after.find((candidate) => toHex(candidate.accountId) === account)
    if (!leaf) continue
    const role = roleOf(policy, leaf.accountId)
    if (role !== roleOf(group.policy, leaf.accountId)) yield { kind: "role", by, account, role }
  }
  if (JSON.stringify(policy.rules) !== JSON.stringify(group.policy.rules)) yield { kind: "rules", by, rules: policy.rules }
}

function proposedBySelf(staged: StagedCommit, before: readonly IdentifiedMember[], account: string): boolean {
  return staged.proposals.some((proposal) => {
    const proposer = before.find((leaf) => leaf.leafIndex === proposal.sender)
    return (
      proposal.type === "remove" && proposal.sender !== staged.committer && proposer !== undefined && toHex(proposer.accountId) === account
    )
  })
}
