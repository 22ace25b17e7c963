// Members that must be removed from a group and are still in it: people whom somebody removed, leaves that their accounts no longer list, and
// members who asked to leave. Until a commit removes them, nothing that they could read is sent to the group, whatever the server answers.

import { equal } from "@nodoor/bytes"
import { type AccountId, findDevice } from "@nodoor/keylog"
import { type GroupState, type Random, extensions, members } from "@nodoor/mls"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { calledInWords } from "../../trust/name/called.ts"
import type { GroupStates } from "../group-states.ts"
import { removalTexts } from "../../texts/en.ts"
import { type Intent, decodeIntent } from "../../store/group/intent.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import { acknowledgeRemovalAlarm, listCommits } from "../../store/group/outbox.ts"
import { type OutboxItem, enqueueRevoke } from "../../store/group/outbox-item.ts"
import { type MustGoTrust, mustGo } from "./must-go.ts"
import { policyOf, roleOf } from "../../core/policy.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { Reader } from "../../store/reader.ts"
import { type IdentifiedMember, type Trust, identify } from "../../trust/trust.ts"
import type { Transaction } from "../../core/transaction.ts"

export type RemovalIntent = Extract<Intent, { readonly type: "remove" | "revoke" | "proposals" }>

/** The removal that an outbox item makes, or undefined if it removes nobody. */
export function removalOf(item: Pick<OutboxItem, "kind" | "payload">): RemovalIntent | undefined {
  if (item.kind !== "commit") return undefined
  const intent = decodeIntent(item.payload)
  return intent.type === "remove" || intent.type === "revoke" || intent.type === "proposals" ? intent : undefined
}

/** The removals of a group that have not been taken in yet, in the order in which they are done. */
export async function outstandingRemovals(reader: Reader, groupId: Uint8Array): Promise<readonly RemovalIntent[]> {
  return (await listCommits(reader, groupId)).flatMap((item) => removalOf(item) ?? [])
}

export const removalAlarmCode = "removal_outstanding"

/** Whether this account asked for the removal as an admin and is no longer one. */
export function isOutOfHands(removal: RemovalIntent, group: Pick<GroupRow, "policy">, ownAccountId: AccountId): boolean {
  return removal.type === "remove" && roleOf(group.policy, ownAccountId) !== "admin"
}

interface RemovalParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly trust: Pick<Trust, "hasEnded" | "heldUntilMs">
}

/** What a person reads while nothing is sent. */
export async function describeRemoval(reader: Reader, parts: RemovalParts, removal: RemovalIntent): Promise<string> {
  return `${await factOf(reader, parts, removal)} ${removalTexts.waits}`
}

async function factOf(reader: Reader, { own, trust }: RemovalParts, removal: RemovalIntent): Promise<string> {
  if (removal.type === "proposals") return removalTexts.left
  const name = await calledInWords(reader, removal.account, removal.type === "remove" ? removalTexts.somebodyFirst : removalTexts.somebody)
  if (removal.type === "remove") return removalTexts.member(name)
  if (equal(removal.account, own.accountId)) return removalTexts.ownDevice
  if (await trust.hasEnded(removal.account)) return removalTexts.endedAccount(name)
  if ((await trust.heldUntilMs(removal.account)) !== undefined) return removalTexts.heldDevice(name)
  return removalTexts.removedDevice(name)
}

/** Raises one red alarm, which stands until the removal is done. */
export async function raiseRemovalAlarm(
  parts: RemovalParts & { readonly random: Random; readonly clock: Clock },
  tx: Transaction,
  { group, removal }: { readonly group: Pick<GroupRow, "chatId" | "policy">; readonly removal: RemovalIntent },
): Promise<void> {
  await raiseAlarmOnce(tx, parts.random, {
    level: "red",
    code: removalAlarmCode,
    text: group.policy.kind === "self" ? removalTexts.amongOwnDevices : await describeRemoval(tx, parts, removal),
    chatId: group.chatId,
    accountId: removal.type === "proposals" ? undefined : removal.account,
    atMs: parts.clock.nowMs(),
  })
}

/** Ends the alarm when no removal is left. Call it after the last write that may have ended a removal. */
export function endRemovalAlarm(tx: Transaction, group: Pick<GroupRow, "groupId" | "chatId">, nowMs: number): void {
  acknowledgeRemovalAlarm(tx, { groupId: group.groupId, chatId: group.chatId, code: removalAlarmCode, atMs: nowMs })
  tx.chatChanged(group.chatId)
}

export interface RemovalsParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly states: Pick<GroupStates, "find">
  readonly trust: MustGoTrust & Pick<Trust, "latest">
}

/** Finds the members to remove from what is known now. Whatever happened to earlier attempts, the removal is queued before anything is sent. */
export class Removals {
  readonly #parts: RemovalsParts
  /** Leaves of the present epoch, by group. */
  readonly #leaves = new Map<string, { readonly epoch: bigint; readonly leaves: readonly IdentifiedMember[] }>()

  constructor(parts: RemovalsParts) {
    this.#parts = parts
  }

  /** Whether content would reach a member that must be removed. Queues the removal of leaves that are known to be revoked. */
  async isOutstanding(tx: Transaction, groupId: Uint8Array): Promise<boolean> {
    const state = await this.#parts.states.find(tx, groupId)
    const revoked = state ? await this.#revoked(state) : []
    for (const account of revoked) await enqueueRevoke(tx, groupId, account)
    return revoked.length > 0 || (await outstandingRemovals(tx, groupId)).length > 0
  }

  async #revoked(state: GroupState): Promise<readonly AccountId[]> {
    const { trust, own } = this.#parts
    // A device that was removed from its own account cannot remove others.
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
