// Looks after what the browser keeps of the account while the page is open: files and key are looked for every few seconds, and put back
// from memory when the browser has deleted them. A private window does that after some idle minutes, and so does "clear site data".

import type { BrowserStore } from "@nodoor/client/browser"
import type { StorageView } from "./host.ts"
import { type StoreKey, keepRecords } from "./store-key.ts"

const everyMs = 5_000

export interface StorageGuard {
  /** The store holds an account from now on. */
  registered(): void
  stop(): void
}

/** `changed` is told when something was missing, and what came of it. */
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
