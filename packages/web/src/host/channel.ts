/** The channel on which the tabs of this browser and the worker that owns the device talk. */
export const channelName = "nodoor"
/** Held by the tab that runs the worker; the next in line takes over when it closes. */
export const tabLock = "nodoor-tab"
/** Held by the worker while it has the store open: two never have it open at once. */
export const storeLock = "nodoor-store"
