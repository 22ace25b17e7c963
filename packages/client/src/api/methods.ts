// The methods of a device, each with what it takes, what it needs and whether it may be called twice. A program that offers
// a device elsewhere, such as a worker to the tabs of a browser, builds it from this table. The table imports nothing of the device itself.

import type { Device } from "./api.ts"
import { type Check, either, fields, file, flag, id, list, longId, number, oneOf, optional, position, text, yes } from "./arguments.ts"

/** Everything but what concerns the caller alone. */
export type DeviceMethods = Omit<Device, "subscribe" | "close">
export type DeviceMethod = keyof DeviceMethods

export interface Method<Arguments extends readonly unknown[]> {
  readonly takes: { readonly [I in keyof Arguments]-?: Check<Arguments[I]> }
  /** `account`: one that was not deleted, in the newest copy of its store. `store`: that the device was not closed. */
  readonly needs: "account" | "store" | "nothing"
  /**
   * What a caller does when the answering side is gone and it does not know whether the call was carried out. It repeats `again` calls:
   * reads, and changes that have the same effect when made twice (a message carries its own id). It does not repeat `once` calls.
   */
  readonly repeat: "again" | "once"
}

type Methods = { readonly [M in DeviceMethod]: Method<Parameters<Device[M]>> }

/** A row of the table with what it takes: `reading(id)`. */
function row(needs: Method<[]>["needs"], repeat: Method<[]>["repeat"]) {
  return <const Takes extends readonly Check<unknown>[]>(
    ...takes: Takes
  ): { takes: Takes; needs: typeof needs; repeat: typeof repeat } => ({
    takes,
    needs,
    repeat,
  })
}
const always = row("nothing", "again")
const reading = row("store", "again")
const marking = row("store", "again")
const acting = row("account", "again")
const actingOnce = row("account", "once")

const backupSettings = either(
  fields({ target: oneOf("server", "file", "none") }),
  fields({ target: oneOf("s3"), endpoint: text, region: text, bucket: text, accessKeyId: text, secretAccessKey: text }),
)

export const methods: Methods = {
  connection: always(),
  reconnect: always(),
  settled: always(number),

  account: reading(),
  setName: acting(text),

  chats: reading(),
  chat: reading(id),
  members: reading(id),
  messages: reading(
    id,
    optional(fields({ before: optional(position), after: optional(position), around: optional(id), limit: optional(number) })),
  ),
  messagesById: reading(id, list(id)),
  messageDetails: reading(id, id),
  search: reading(text, optional(number), optional(id)),
  messageFrom: reading(id, number),

  findContact: acting(text),
  contact: reading(id),
  contacts: reading(),
  openChat: acting(id),
  createGroup: actingOnce(fields({ name: text, accountIds: list(id) })),
  addMembers: actingOnce(id, list(id)),
  removeMember: actingOnce(id, id),
  retryRemoval: acting(id),
  withdrawRemoval: acting(id, id),
  leave: actingOnce(id),
  rename: acting(id, text),
  setRole: acting(id, id, oneOf("admin", "member")),
  setHistorySharing: acting(id, fields({ messages: optional(number), days: optional(number) })),
  setRules: acting(
    id,
    fields({ add: oneOf("admins", "everyone"), rename: oneOf("admins", "everyone"), post: oneOf("admins", "everyone") }),
  ),

  send: acting(id, fields({ text, inReplyTo: optional(id), id: optional(id), forwarded: optional(yes) })),
  edit: actingOnce(id, id, text),
  deleteForAll: acting(id, id),
  deleteForMe: marking(id, id),
  setStarred: marking(id, id, flag),
  starred: reading(optional(number)),
  react: acting(id, id, text, flag),
  stopDownload: marking(id, id),
  askForFile: actingOnce(id, id),
  retry: actingOnce(id, id),
  discard: marking(id, id),
  typing: acting(id),
  markRead: marking(id, id),

  acceptRequest: acting(id),
  deleteChat: marking(id),
  setBlocked: acting(id, flag),
  setChatOptions: marking(
    id,
    fields({
      muted: optional(either(flag, number)),
      pinned: optional(flag),
      archived: optional(flag),
      unread: optional(flag),
      draft: optional(text),
      folder: optional(text),
    }),
  ),
  settings: reading(),
  setSetting: marking(text, text),
  folders: reading(),
  makeFolder: row("store", "once")(text),
  renameFolder: row("store", "once")(text, text),
  moveFolder: marking(text, number),
  deleteFolder: row("store", "once")(text),

  safety: reading(id),
  setVerified: marking(id, flag),
  acknowledgeIdentity: marking(id),
  compareSafety: reading(id, text),
  checkTransparency: acting(id),
  logStatus: reading(),
  devices: reading(),
  removeOwnDevice: acting(id),
  renameDevice: marking(id, text),
  startLink: actingOnce(either(fields({ show: yes }), fields({ code: text }))),
  answerLink: actingOnce(either(fields({ number }), fields({ deny: yes }))),
  cancelLink: marking(),
  recovery: reading(),
  recoveryWords: reading(),
  confirmRecovery: marking(list(fields({ at: number, word: text }))),
  checkRecoveryWords: reading(list(text)),
  addRecoveryPasskey: marking(fields({ id: longId, salt: id, secret: id })),
  confirmRecoveryPasskey: marking(id),
  removeRecoveryPasskey: marking(),
  acknowledgeOwnDevice: acting(id),
  deleteAccount: marking(),
  backup: reading(),
  setBackup: acting(backupSettings),
  backupNow: acting(),
  previewBackup: acting(),
  restoreBackup: acting(optional(fields({ chats: optional(list(id)) }))),
  alarms: reading(),
  acknowledgeAlarm: marking(id),
  exportEvidence: reading(id),
  checkEvidence: reading(file),
  exportOwnData: reading(),
  serverRecord: acting(),
  serverArchive: acting(),
  operatorNotices: reading(),
  acknowledgeOperatorNotice: marking(id),
  canary: reading(),
  checkCanary: marking(),
  acknowledgeCanary: marking(text),
}

/** A device whose methods all go through `call`. */
export function deviceThrough(call: (method: DeviceMethod, args: readonly unknown[]) => Promise<unknown>): DeviceMethods {
  const names = Object.keys(methods) as DeviceMethod[]
  return Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => call(name, args)])) as unknown as DeviceMethods
}

/** The arguments as the method takes them. @throws InvalidArgument */
export function checkedArguments(method: DeviceMethod, args: readonly unknown[]): readonly unknown[] {
  const checks: readonly Check<unknown>[] = methods[method].takes
  return checks.map((check, at) => check(args[at]))
}
