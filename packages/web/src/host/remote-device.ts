// The device as a tab sees it: every method is a call to the worker that owns the real one.

import type { ClientEvent, Device } from "@nodoor/client"
import type { Caller } from "./caller.ts"
import { withPlainNames } from "./plain-names.ts"

export interface RemoteDevice extends Device {
  /** Passes an event of the owner on to the subscribers in this tab. */
  deliver(event: ClientEvent): void
}

export function createRemoteDevice(caller: Caller): RemoteDevice {
  const listeners = new Set<(event: ClientEvent) => void>()
  const call: Caller["call"] = (method, ...args) => caller.call(method, ...args).then((answer) => withPlainNames(answer))
  return {
    deliver: (event) => listeners.forEach((listener) => listener(withPlainNames(event))),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    connection: () => call("connection"),
    reconnect: () => call("reconnect"),
    account: () => call("account"),
    setName: (name) => call("setName", name),
    chats: () => call("chats"),
    chat: (chatId) => call("chat", chatId),
    members: (chatId) => call("members", chatId),
    messages: (chatId, page) => call("messages", chatId, page),
    messagesById: (chatId, ids) => call("messagesById", chatId, ids),
    messageDetails: (chatId, messageId) => call("messageDetails", chatId, messageId),
    search: (text, limit) => call("search", text, limit),
    findContact: (handle) => call("findContact", handle),
    contact: (accountId) => call("contact", accountId),
    contacts: () => call("contacts"),
    openChat: (accountId) => call("openChat", accountId),
    createGroup: (group) => call("createGroup", group),
    addMembers: (chatId, accountIds) => call("addMembers", chatId, accountIds),
    removeMember: (chatId, accountId) => call("removeMember", chatId, accountId),
    retryRemoval: (chatId) => call("retryRemoval", chatId),
    withdrawRemoval: (chatId, accountId) => call("withdrawRemoval", chatId, accountId),
    leave: (chatId) => call("leave", chatId),
    rename: (chatId, name) => call("rename", chatId, name),
    setRole: (chatId, accountId, role) => call("setRole", chatId, accountId, role),
    setRules: (chatId, rules) => call("setRules", chatId, rules),
    // Because the message has its own id, the call can be repeated to the next owner: a message that the last one stored is not sent again.
    send: (chatId, message) => call("send", chatId, { ...message, id: message.id ?? newSendId() }),
    edit: (chatId, messageId, text) => call("edit", chatId, messageId, text),
    deleteForAll: (chatId, messageId) => call("deleteForAll", chatId, messageId),
    react: (chatId, messageId, emoji, on) => call("react", chatId, messageId, emoji, on),
    retry: (chatId, messageId) => call("retry", chatId, messageId),
    discard: (chatId, messageId) => call("discard", chatId, messageId),
    typing: (chatId) => call("typing", chatId),
    markRead: (chatId, messageId) => call("markRead", chatId, messageId),
    acceptRequest: (chatId) => call("acceptRequest", chatId),
    deleteChat: (chatId) => call("deleteChat", chatId),
    setBlocked: (accountId, blocked) => call("setBlocked", accountId, blocked),
    setChatOptions: (chatId, options) => call("setChatOptions", chatId, options),
    safety: (accountId) => call("safety", accountId),
    setVerified: (accountId, verified) => call("setVerified", accountId, verified),
    acknowledgeIdentity: (accountId) => call("acknowledgeIdentity", accountId),
    compareSafety: (accountId, scanned) => call("compareSafety", accountId, scanned),
    checkTransparency: (accountId) => call("checkTransparency", accountId),
    logStatus: () => call("logStatus"),
    devices: () => call("devices"),
    removeOwnDevice: (deviceId) => call("removeOwnDevice", deviceId),
    acknowledgeOwnDevice: (deviceId) => call("acknowledgeOwnDevice", deviceId),
    // Waits until the log holds it, however long that takes.
    deleteAccount: () => caller.call("deleteAccount"),
    alarms: () => call("alarms"),
    acknowledgeAlarm: (alarmId) => call("acknowledgeAlarm", alarmId),
    exportEvidence: (alarmId) => caller.call("exportEvidence", alarmId),
    exportOwnData: () => caller.call("exportOwnData"),
    serverRecord: () => caller.call("serverRecord"),
    serverArchive: () => caller.call("serverArchive"),
    operatorNotices: () => call("operatorNotices"),
    acknowledgeOperatorNotice: (id) => call("acknowledgeOperatorNotice", id),
    canary: () => call("canary"),
    checkCanary: () => call("checkCanary"),
    acknowledgeCanary: (readingId) => call("acknowledgeCanary", readingId),
    settled: (timeoutMs) => call("settled", timeoutMs),
    /** The owner closes with its tab. Other tabs have nothing to close. */
    close: async () => {},
  }
}

function newSendId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
