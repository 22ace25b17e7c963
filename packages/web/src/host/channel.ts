// How the tabs of this browser and the worker that owns the device reach each other. Other pages of the origin can open a
// BroadcastChannel too, so no channel name is a constant. Messages to all tabs go over a channel whose name this browser drew at
// random; answers to one tab go over a channel that only that tab has named.

/** Held by the tab that runs the worker. When that tab closes, the next in line takes over. */
export const tabLock = "nodoor-tab"
/** Held by the worker while it has the store open, so that two never have it open at once. */
export const storeLock = "nodoor-store"

/** Of all tabs and the owner: greetings, calls, states and events. `secret`: `channelSecret()` of this browser. */
export function openCommonChannel(secret: string): BroadcastChannel {
  return new BroadcastChannel(`nodoor/all/${secret}`)
}

/** `tab`: 122 random bits that the tab drew for itself. Answers to it come here and nowhere else. */
export function openTabChannel(tab: string): BroadcastChannel {
  return new BroadcastChannel(`nodoor/tab/${tab}`)
}
