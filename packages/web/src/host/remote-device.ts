// The device as a tab sees it: every method is a call to the worker that owns the real one.

import type { ClientEvent, Device } from "@nodoor/client"
import { type DeviceMethod, deviceThrough } from "@nodoor/client/methods"
import type { Caller } from "./caller.ts"
import { withPlainNames } from "./plain-names.ts"

export interface RemoteDevice extends Device {
  /** Passes an event of the owner on to the subscribers in this tab. */
  deliver(event: ClientEvent): void
}

/** Files to keep: handed over as they are. */
const files: ReadonlySet<DeviceMethod> = new Set(["exportEvidence", "exportOwnData", "serverRecord", "serverArchive"])

export function createRemoteDevice(caller: Caller): RemoteDevice {
  const listeners = new Set<(event: ClientEvent) => void>()
  const methods = deviceThrough(async (method, args) => {
    const answer: unknown = await caller.call(method, ...(args as never))
    return files.has(method) ? answer : withPlainNames(answer)
  })
  return {
    ...methods,
    deliver: (event) => listeners.forEach((listener) => listener(withPlainNames(event))),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    // Because the message has its own id, the call can be repeated to the next owner: a message that the last one stored is not sent again.
    send: (chatId, message) => methods.send(chatId, { ...message, id: message.id ?? newSendId() }),
    /** The owner closes with its tab. Other tabs have nothing to close. */
    close: async () => {},
  }
}

export function newSendId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
