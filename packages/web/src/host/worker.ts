// The worker: the one place of this browser where keys, the store and the connection live.

import { createAnswerer } from "./answerer.ts"
import { channelName, storeLock } from "./channel.ts"
import { createOwner } from "./owner.ts"
import type { ToOwner } from "./messages.ts"

const channel = new BroadcastChannel(channelName)
const owner = createOwner({
  serverUrl: self.location.origin,
  state: (state) => answerer.setState(state),
  event: (event) => answerer.announce(event),
})
const answerer = createAnswerer({ owner: crypto.randomUUID(), send: (message) => channel.postMessage(message), api: owner.api })

void navigator.locks.request(storeLock, async () => {
  channel.addEventListener("message", (event: MessageEvent<ToOwner>) => {
    if (event.data.to === "owner" && event.data.type === "restart") void owner.open()
    else void answerer.receive(event.data)
  })
  answerer.setState({ status: "starting" })
  await owner.open()
  await new Promise<never>(() => {})
})
