// What a person can do with groups, one file for each, put together for the table of methods.

import type { AccountId } from "@nodoor/keylog"
import type { Clock } from "../../core/ports.ts"
import type { GroupRules, Role } from "../../core/group-rules.ts"
import { addMembers } from "./add-members.ts"
import { renameGroup, setHistorySharing, setRole, setRules } from "./change-policy.ts"
import { createGroup } from "./create-group.ts"
import { type LeaveParts, leaveGroup } from "./leave-group.ts"
import { type OpenDmParts, openDm } from "./open-dm.ts"
import { setOwnName } from "./own-name.ts"
import { removeMember, retryRemoval, withdrawRemoval } from "./remove-member.ts"

export interface GroupActions {
  openDm(peer: AccountId): Promise<Uint8Array>
  create(group: { readonly name: string; readonly accountIds: readonly AccountId[] }): Promise<Uint8Array>
  add(chatId: Uint8Array, accountIds: readonly AccountId[]): Promise<void>
  remove(chatId: Uint8Array, account: AccountId): Promise<void>
  retryRemoval(chatId: Uint8Array): Promise<void>
  withdrawRemoval(chatId: Uint8Array, account: AccountId): Promise<void>
  leave(chatId: Uint8Array): Promise<void>
  rename(chatId: Uint8Array, name: string): Promise<void>
  setRole(chatId: Uint8Array, account: AccountId, role: Role): Promise<void>
  setRules(chatId: Uint8Array, rules: GroupRules): Promise<void>
  setHistorySharing(chatId: Uint8Array, history: { readonly messages?: number; readonly days?: number }): Promise<void>
  setOwnName(name: string): Promise<void>
}

export function groupActions(parts: OpenDmParts & LeaveParts & { readonly clock: Clock }): GroupActions {
  return {
    openDm: (peer) => openDm(parts, peer),
    create: (group) => createGroup(parts, group),
    add: (chatId, accountIds) => addMembers(parts, chatId, accountIds),
    remove: (chatId, account) => removeMember(parts, chatId, account),
    retryRemoval: (chatId) => retryRemoval(parts, chatId),
    withdrawRemoval: (chatId, account) => withdrawRemoval(parts, chatId, account),
    leave: (chatId) => leaveGroup(parts, chatId),
    rename: (chatId, name) => renameGroup(parts, chatId, name),
    setRole: (chatId, account, role) => setRole(parts, chatId, { account, role }),
    setRules: (chatId, rules) => setRules(parts, chatId, rules),
    setHistorySharing: (chatId, history) => setHistorySharing(parts, chatId, history),
    setOwnName: (name) => setOwnName(parts, name),
  }
}
