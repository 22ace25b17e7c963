// Guards the account's stored data while the page is open: it checks every few seconds that files and key are still there, and restores them
// from memory if the browser has deleted them. A private window deletes them after some idle minutes, and so does "clear site data".

import type { BrowserStore } from "@nodoor/client/browser"
import type { StorageView } from "./host.ts"
import { type StoreKey, keepRecords } from "./store-key.ts"

const everyMs = 5_000

export interface StorageGuard {
  /** The store holds an account from now on. */
  registered(): void
  stop(): void
}

/** `changed` is called when something was missing, with the result. */
export function createStorageGuard(options: {
  readonly store: Pick<BrowserStore, "keep">
  readonly stored: StoreKey
  readonly channel: string
  readonly changed: (state: StorageView["state"]) => void
}): StorageGuard {
  let { stored } = options
  let looking = false
  const look = async (): Promise<void> => {
    const files = await options.store.keep()
    const records = await keepRecords(stored, options.channel).catch(() => undefined)
    if (files === "gone" || records === undefined) options.changed("gone")
    else if (files === "written_again" || records) options.changed("written_again")
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look().finally(() => (looking = false))
  }, everyMs)
  return {
    registered: () => (stored = { ...stored, registered: true }),
    stop: () => clearInterval(timer),
  }
}
