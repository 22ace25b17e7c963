// The worker: the only place in this browser that holds the keys, the store and the connection.

import { createAnswerer } from "./answerer.ts"
import { openCommonChannel, openTabChannel, storeLock } from "./channel.ts"
import { createOwner } from "./owner.ts"
import { channelSecret } from "./store-key.ts"
import type { FromOwner, ToOwner } from "./messages.ts"

/** A closed tab does not say so. Its channel is closed once this many other tabs have asked since. */
const tabsMax = 64
const tabs = new Map<string, BroadcastChannel>()

function channelOf(tab: string): BroadcastChannel {
  const channel = tabs.get(tab) ?? openTabChannel(tab)
  tabs.delete(tab)
  tabs.set(tab, channel)
  for (const [oldest, closed] of tabs) {
    if (tabs.size <= tabsMax) break
    tabs.delete(oldest)
    closed.close()
  }
  return channel
}

void navigator.locks.request(storeLock, async () => {
  const channel = await channelSecret()
  const common = openCommonChannel(channel)
  const send = (message: FromOwner): void => (message.type === "answer" ? channelOf(message.tab) : common).postMessage(message)
  const owner = createOwner({
    serverUrl: self.location.origin,
    state: (state) => answerer.setState(state),
    storage: (storage) => answerer.setStorage(storage),
    linking: (linking) => answerer.setLinking(linking),
    channel,
    event: (event) => answerer.announce(event),
  })
  const answerer = createAnswerer({ owner: crypto.randomUUID(), send, api: owner.api })
  common.addEventListener("message", (event: MessageEvent<ToOwner>) => {
    if (event.data.to === "owner" && event.data.type === "restart") void owner.open()
    else void answerer.receive(event.data)
  })
  answerer.setState({ status: "starting" })
  await owner.open()
  await new Promise<never>(() => {})
})
