// The owner's side: carries out the calls of all tabs and tells them what changed.

import type { ClientEvent, LinkView } from "@nodoor/client"
import { HostError, type HostState, type StorageView } from "./host.ts"
import { type Fault, type FromOwner, type Owner, type ToOwner, repeatOf } from "./messages.ts"
import { hostText } from "../text/host-text.ts"

export interface Answerer {
  receive(message: unknown): Promise<void>
  /** Tells every tab, and new tabs when they say hello. */
  setState(state: HostState): void
  /** The same. */
  setStorage(storage: StorageView): void
  /** The same. */
  setLinking(linking: LinkView | undefined): void
  announce(event: ClientEvent): void
}

/** `owner` tells this worker from those that owned the device before. `api` is looked up for each call, because registering changes it. */
export function createAnswerer(options: {
  readonly owner: string
  readonly send: (message: FromOwner) => void
  readonly api: () => Partial<Owner>
}): Answerer {
  let state: HostState = { status: "starting" }
  /** Calls that arrived before it was known whether there is a device. */
  let early: ToOwner[] = []
  const sendState = (): void => options.send({ to: "tabs", type: "state", owner: options.owner, state })
  let storage: StorageView = { offTheRecord: false, state: "kept" }
  const sendStorage = (): void => options.send({ to: "tabs", type: "storage", owner: options.owner, storage })
  let linking: LinkView | undefined
  const sendLinking = (): void => options.send({ to: "tabs", type: "linking", owner: options.owner, linking })
  const answerer: Answerer = {
    async receive(message) {
      if (!isToOwner(message)) return
      if (message.type === "hello") {
        sendState()
        sendStorage()
        return sendLinking()
      }
      if (message.type !== "call") return
      if (state.status === "starting") {
        early.push(message)
        return
      }
      const { tab, call } = message
      try {
        if (repeatOf(message.method) === undefined) throw new HostError("unexpected", "There is no such call.")
        const method = options.api()[message.method] as ((...args: readonly unknown[]) => Promise<unknown>) | undefined
        if (method === undefined) throw new HostError("not_ready", hostText.noAccount)
        const value = await method(...message.args)
        options.send({ to: "tabs", type: "answer", tab, call, ok: true, value })
      } catch (error) {
        options.send({ to: "tabs", type: "answer", tab, call, ok: false, fault: faultOf(error) })
      }
    },
    setState(next) {
      state = next
      sendState()
      if (next.status === "starting") return
      const waiting = early
      early = []
      for (const message of waiting) void answerer.receive(message)
    },
    setStorage(next) {
      storage = next
      sendStorage()
    },
    setLinking(next) {
      linking = next
      sendLinking()
    },
    announce: (event) => options.send({ to: "tabs", type: "event", owner: options.owner, event }),
  }
  return answerer
}

/** What people may see of an error: the code and message of our own error classes, nothing of others. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    const retryAfterMs = "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : undefined
    return { code: error.code, message: error.message, retryAfterMs }
  }
  return {
    code: "unexpected",
    message: error instanceof Error ? `${error.name}: ${error.message}` : hostText.unexpected,
    retryAfterMs: undefined,
  }
}

function isToOwner(message: unknown): message is ToOwner {
  return typeof message === "object" && message !== null && "to" in message && message.to === "owner"
}
