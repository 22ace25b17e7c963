// A tab's side of the device. One tab of the browser, elected by a Web Lock, runs the worker that owns store, keys and socket; all tabs,
// that one too, talk to it over one channel. When its tab closes the lock passes on and another tab's worker opens the same store.

import { type ReadonlySignal, signal } from "@preact/signals"
import { createCaller } from "./caller.ts"
import { channelName, tabLock } from "./channel.ts"
import type { Host, HostState } from "./host.ts"
import type { FromOwner, ToOwner } from "./messages.ts"
import { createRemoteDevice } from "./remote-device.ts"
import { startWorker } from "./start-worker.ts"
import { missingSupport } from "./support.ts"

export function createBrowserHost(): Host {
  const missing = missingSupport()
  const state = signal<HostState>(missing.length > 0 ? { status: "unsupported", missing } : { status: "starting" })
  const owner = signal<string | undefined>(undefined)
  const channel = missing.length > 0 ? undefined : new BroadcastChannel(channelName)
  const send = (message: ToOwner): void => channel?.postMessage(message)
  const caller = createCaller({ tab: crypto.randomUUID(), send })
  const remote = createRemoteDevice(caller)

  channel?.addEventListener("message", (event: MessageEvent<FromOwner | ToOwner>) => {
    const message = event.data
    if (message.to !== "tabs") return
    caller.receive(message)
    if (message.type === "event") remote.deliver(message.event)
    if (message.type !== "state") return
    owner.value = message.owner
    // What is on the screen stays there while the next owner opens the same device; calls wait for it.
    if (message.state.status === "starting" && state.peek().status === "ready") return
    state.value = message.state
  })
  if (channel !== undefined) {
    send({ to: "owner", type: "hello" })
    void lead(state)
  }
  return {
    state,
    owner: owner satisfies ReadonlySignal<string | undefined>,
    device: {
      ...remote,
      async send(chatId, message) {
        const view = await remote.send(chatId, message)
        // Asked once somebody has written something that they would miss.
        void navigator.storage.persist()
        return view
      },
    },
    serverInfo: () => caller.call("serverInfo"),
    requestEmailCode: (email) => caller.call("requestEmailCode", email),
    register: (registration) => caller.call("register", registration),
    erase: () => caller.call("erase"),
    restart() {
      if (owner.peek() === undefined) window.location.reload()
      else send({ to: "owner", type: "restart" })
    },
  }
}

/** Waits until no other tab runs the worker, then runs it for as long as this tab lives. */
function lead(state: { value: HostState }): Promise<void> {
  return navigator.locks.request(tabLock, () => {
    const worker = startWorker()
    return new Promise<never>(() => {
      worker.addEventListener("error", (event) => {
        // An error while running is answered or shown by the worker itself; this is about one that did not start at all.
        if (state.value.status !== "starting") return
        event.preventDefault()
        state.value = {
          status: "failed",
          code: "worker_failed",
          message: "A part of the app could not be loaded. Check the connection and try again.",
        }
      })
    })
  })
}
