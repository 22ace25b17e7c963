// Small settings kept by the browser. If it keeps nothing for this page (blocked cookies, a full disk), the settings are lost but the page works.

export type SiteStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">

/** The browser's storage of that kind. If the browser refuses it, a storage that lasts as long as the page. Never throws. */
export function siteStorage(window: Window, kind: "localStorage" | "sessionStorage"): SiteStorage {
  const memory = new Map<string, string>()
  const inMemory: SiteStorage = {
    getItem: (key) => memory.get(key) ?? null,
    setItem: (key, value) => void memory.set(key, value),
    removeItem: (key) => void memory.delete(key),
  }
  const storage = refusing(() => window[kind])
  if (storage === undefined) return inMemory
  return {
    getItem: (key) => inMemory.getItem(key) ?? refusing(() => storage.getItem(key)) ?? null,
    setItem(key, value) {
      inMemory.removeItem(key)
      if (refusing(() => (storage.setItem(key, value), true)) === undefined) inMemory.setItem(key, value)
    },
    removeItem(key) {
      inMemory.removeItem(key)
      refusing(() => storage.removeItem(key))
    },
  }
}

/** Whether this browser keeps nothing at all for this page: reading `localStorage` throws then, and so do IndexedDB and files. */
export function refusesStorage(window: Window): boolean {
  return refusing(() => [window.localStorage]) === undefined
}

function refusing<T>(access: () => T): T | undefined {
  try {
    return access()
  } catch {
    return undefined
  }
}
