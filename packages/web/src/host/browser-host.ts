// A tab's side of the device. One tab of the browser, elected by a Web Lock, runs the worker that owns store, keys and socket; all tabs,
// including that one, talk to it over one channel. When its tab closes, the lock passes on and another tab's worker opens the same store.

import type { LinkView } from "@nodoor/client"
import { type ReadonlySignal, signal } from "@preact/signals"
import { createCaller } from "./caller.ts"
import { faultOf } from "./answerer.ts"
import { openCommonChannel, openTabChannel, tabLock } from "./channel.ts"
import type { Host, HostState, StorageView } from "./host.ts"
import type { FromOwner, ToOwner } from "./messages.ts"
import { createRemoteDevice, newSendId } from "./remote-device.ts"
import { channelSecret } from "./store-key.ts"
import { startWorker } from "./start-worker.ts"
import { missingSupport } from "./support.ts"
import { hostText } from "../text/host-text.ts"

export function createBrowserHost(): Host {
  const missing = missingSupport()
  const state = signal<HostState>(missing.length > 0 ? { status: "unsupported", missing } : { status: "starting" })
  const storage = signal<StorageView>({ offTheRecord: false, state: "kept" })
  const linking = signal<LinkView | undefined>(undefined)
  const owner = signal<string | undefined>(undefined)
  const tab = randomName()
  let common: BroadcastChannel | undefined
  // Before the channel is open nobody can hear this. The caller sends pending calls to the first owner that appears.
  const send = (message: ToOwner): void => common?.postMessage(message)
  const caller = createCaller({ tab, send })
  const remote = createRemoteDevice(caller)

  const receive = (event: MessageEvent<FromOwner | ToOwner>): void => {
    const message = event.data
    if (message.to !== "tabs") return
    caller.receive(message)
    if (message.type === "event") remote.deliver(message.event)
    if (message.type === "storage") storage.value = message.storage
    if (message.type === "linking") linking.value = message.linking
    if (message.type !== "state") return
    owner.value = message.owner
    // The screen stays as it is while the next owner opens the same device. Calls wait for it.
    if (message.state.status === "starting" && state.peek().status === "ready") return
    state.value = message.state
  }
  const connect = async (): Promise<void> => {
    openTabChannel(tab).addEventListener("message", receive)
    common = openCommonChannel(await channelSecret())
    common.addEventListener("message", receive)
    send({ to: "owner", type: "hello" })
    await lead(state)
  }
  if (missing.length === 0)
    connect().catch((error: unknown) => {
      const { code, message } = faultOf(error)
      state.value = { status: "failed", code, message }
    })
  return {
    state,
    storage,
    owner: owner satisfies ReadonlySignal<string | undefined>,
    device: {
      ...remote,
      async send(chatId, message) {
        const view = await remote.send(chatId, message)
        // Ask once somebody has written something they would miss.
        void navigator.storage.persist()
        return view
      },
    },
    serverInfo: () => caller.call("serverInfo"),
    checkInvite: (invite) => caller.call("checkInvite", invite),
    requestEmailCode: (email) => caller.call("requestEmailCode", email),
    register: (registration) => caller.call("register", registration),
    linking,
    linkDevice: (how) => caller.call("linkDevice", how),
    cancelLink: () => caller.call("cancelLinkDevice"),
    recover: (recovery) => caller.call("recover", recovery),
    checkWords: (words) => caller.call("checkWords", words),
    saveBackup: () => caller.call("saveBackup"),
    previewFile: (file) => caller.call("previewFile", file),
    restoreFile: (file, options) => caller.call("restoreFile", file, options),
    async sendFile(chatId, file) {
      const view = await caller.call("sendFile", chatId, { ...file, id: file.id ?? newSendId() })
      void navigator.storage.persist()
      return view
    },
    openFile: (chatId, messageId) => caller.call("openFile", chatId, messageId),
    erase: () => caller.call("erase"),
    restart() {
      if (owner.peek() === undefined) window.location.reload()
      else send({ to: "owner", type: "restart" })
    },
  }
}

/** 122 random bits. `randomUUID` exists only in secure contexts; elsewhere nothing is opened anyway. */
function randomName(): string {
  return globalThis.isSecureContext ? crypto.randomUUID() : ""
}

/** Waits until no other tab runs the worker, then runs it for as long as this tab lives. */
function lead(state: { value: HostState }): Promise<void> {
  return navigator.locks.request(tabLock, () => {
    const worker = startWorker()
    return new Promise<never>(() => {
      worker.addEventListener("error", (event) => {
        // The worker itself handles errors while it runs. This handles a worker that did not start at all.
        if (state.value.status !== "starting") return
        event.preventDefault()
        state.value = {
          status: "failed",
          code: "worker_failed",
          message: hostText.notStarted,
        }
      })
    })
  })
}
