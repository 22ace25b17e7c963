// Who is to go from a group and has not gone: somebody a person asked to remove, a leaf that its account lists no more, whoever proposed to
// leave. Until the commit that takes them out is in, nothing is sent there that they could read, whatever the server answers.

import { equal } from "@nodoor/bytes"
import { type AccountId, findDevice } from "@nodoor/keylog"
import { type GroupState, extensions, members } from "@nodoor/mls"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { calledInWords } from "../../trust/name/called.ts"
import { type Intent, decodeIntent, encodeIntent } from "../../store/group/intent.ts"
import type { Kernel } from "../../core/kernel.ts"
import { type OutboxItem, enqueueRevoke, itemFromRow, ranks } from "../../store/group/outbox-item.ts"
import { mustGo } from "./must-go.ts"
import { policyOf, roleOf } from "../../core/policy.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { Reader } from "../../store/reader.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import type { Transaction } from "../../core/transaction.ts"

export type RemovalIntent = Extract<Intent, { readonly type: "remove" | "revoke" | "proposals" }>

/** What an outbox item is to take out of the group; undefined if it takes nobody out. */
export function removalOf(item: Pick<OutboxItem, "kind" | "payload">): RemovalIntent | undefined {
  if (item.kind !== "commit") return undefined
  const intent = decodeIntent(item.payload)
  return intent.type === "remove" || intent.type === "revoke" || intent.type === "proposals" ? intent : undefined
}

/** The removals of a group that have not been taken in yet, in the order in which they are done. */
export async function outstandingRemovals(reader: Reader, groupId: Uint8Array): Promise<readonly RemovalIntent[]> {
  const rows = await reader.read("SELECT * FROM outbox WHERE group_id = ? AND kind = 'commit' ORDER BY rank, id", groupId)
  return rows.flatMap((row) => removalOf(itemFromRow(row)) ?? [])
}

export const removalAlarmCode = "removal_outstanding"

/** Whether it is not in this account's hands: what it asked for as an admin, it may not do any more. */
export function isOutOfHands(removal: RemovalIntent, group: GroupRow, ownAccountId: AccountId): boolean {
  return removal.type === "remove" && roleOf(group.policy, ownAccountId) !== "admin"
}

/** What a person reads while nothing is sent. */
export async function describeRemoval(
  reader: Reader,
  { own, trust }: Pick<Kernel, "own" | "trust">,
  removal: RemovalIntent,
): Promise<string> {
  return `${await fact(reader, { own, trust }, removal)} Nothing is sent here until that is done; what you write waits on this device.`
}

async function fact(reader: Reader, { own, trust }: Pick<Kernel, "own" | "trust">, removal: RemovalIntent): Promise<string> {
  if (removal.type === "proposals") return "Somebody who left is still in this chat: the server has not taken them out yet."
  const name = await calledInWords(reader, removal.account, removal.type === "remove" ? "Somebody" : "somebody")
  if (removal.type === "remove") return `${name} is still in this chat: the server has not taken them out yet.`
  if (equal(removal.account, own.accountId))
    return "A device that you took out of your account is still in this chat: the server has not taken it out yet."
  if (await trust.hasEnded(removal.account))
    return `The account of ${name} has ended and is still in this chat: the server has not taken it out yet.`
  if ((await trust.heldUntilMs(removal.account)) !== undefined)
    return `The new device of ${name}, who started over without any device from before, is still in this chat: the server has not taken it out yet.`
  return `A device that is no longer in the account of ${name} is still in this chat: the server has not taken it out yet.`
}

/** Says it in red, once, until it is done. */
export async function raiseRemovalAlarm(
  kernel: Pick<Kernel, "random" | "clock" | "own" | "trust">,
  tx: Transaction,
  { chatId, removal }: { readonly chatId: Uint8Array; readonly removal: RemovalIntent },
): Promise<void> {
  await raiseAlarmOnce(tx, kernel.random, {
    level: "red",
    code: removalAlarmCode,
    text: await describeRemoval(tx, kernel, removal),
    chatId,
    accountId: removal.type === "proposals" ? undefined : removal.account,
    atMs: kernel.clock.nowMs(),
  })
}

/** Once nobody is to go any more, what was said in red is over. Call it after the last write that may have ended a removal. */
export function endRemovalAlarm(tx: Transaction, group: Pick<GroupRow, "groupId" | "chatId">, nowMs: number): void {
  tx.write(
    `UPDATE alarm SET acknowledged_ms = ? WHERE code = ? AND chat_id = ? AND acknowledged_ms IS NULL
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE group_id = ? AND kind = 'commit' AND (rank = ? OR payload = ?))`,
    nowMs,
    removalAlarmCode,
    group.chatId,
    group.groupId,
    ranks.removal,
    encodeIntent({ type: "proposals" }),
  )
  tx.chatChanged(group.chatId)
}

/** Finds what is to go by what is known now: whatever became of an earlier try, it is in the outbox again before anything is sent. */
export class Removals {
  readonly #kernel: Pick<Kernel, "states" | "trust" | "own">
  /** Leaves of the present epoch, by group. */
  readonly #leaves = new Map<string, { readonly epoch: bigint; readonly leaves: readonly IdentifiedMember[] }>()

  constructor(kernel: Pick<Kernel, "states" | "trust" | "own">) {
    this.#kernel = kernel
  }

  /** Whether content would reach somebody who is to go. Leaves that are known to be revoked are put into the outbox. */
  async isOutstanding(tx: Transaction, groupId: Uint8Array): Promise<boolean> {
    const state = await this.#kernel.states.find(tx, groupId)
    const revoked = state ? await this.#revoked(state) : []
    for (const account of revoked) await enqueueRevoke(tx, groupId, account)
    return revoked.length > 0 || (await outstandingRemovals(tx, groupId)).length > 0
  }

  async #revoked(state: GroupState): Promise<readonly AccountId[]> {
    const { trust, own } = this.#kernel
    // A device that is out of its own account cannot take anybody out.
    const self = await trust.latest(own.accountId)
    if (self && !findDevice(self.state, own.deviceId)) return []
    const { kind } = policyOf(extensions(state))
    const out = new Map<string, AccountId>()
    for (const leaf of this.#leavesOf(state)) if (await mustGo(trust, own, { leaf, kind })) out.set(String(leaf.accountId), leaf.accountId)
    return [...out.values()]
  }

  #leavesOf(state: GroupState): readonly IdentifiedMember[] {
    const id = String(state.groupId)
    const known = this.#leaves.get(id)
    if (known?.epoch === state.epoch) return known.leaves
    const leaves = members(state).map(identify)
    this.#leaves.set(id, { epoch: state.epoch, leaves })
    return leaves
  }
}
