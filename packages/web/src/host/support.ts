import { refusesStorage } from "./site-storage.ts"

/** What this browser lacks of what the app cannot do without, in words for a person. */
export function missingSupport(): readonly string[] {
  const missing: string[] = []
  if (!globalThis.isSecureContext) missing.push("A secure connection: open this page by https:// or on localhost")
  else {
    if (refusesStorage(window)) missing.push("Permission to keep data: allow cookies and site data for this page, then reload it")
    if (navigator.storage?.getDirectory === undefined) missing.push("Private file storage (OPFS)")
    if (navigator.locks === undefined) missing.push("Web Locks")
    if (globalThis.crypto?.subtle === undefined) missing.push("Web Cryptography")
  }
  if (typeof BroadcastChannel === "undefined") missing.push("Broadcast channels between tabs")
  if (typeof WebAssembly === "undefined") missing.push("WebAssembly (some lockdown modes turn it off)")
  if (typeof indexedDB === "undefined") missing.push("IndexedDB")
  if (!CSS.supports("color", "light-dark(red, blue)")) missing.push("A version of this browser from 2024 or later")
  return missing
}
