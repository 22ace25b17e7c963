import { refusesStorage } from "./site-storage.ts"
import { hostText } from "../text/host-text.ts"

/** What the app needs and this browser lacks, in plain words. */
export function missingSupport(): readonly string[] {
  const missing: string[] = []
  if (!globalThis.isSecureContext) missing.push(hostText.missing.secureConnection)
  else {
    if (refusesStorage(window)) missing.push(hostText.missing.storage)
    if (navigator.storage?.getDirectory === undefined) missing.push(hostText.missing.files)
    if (navigator.locks === undefined) missing.push(hostText.missing.locks)
    if (globalThis.crypto?.subtle === undefined) missing.push(hostText.missing.crypto)
  }
  if (typeof BroadcastChannel === "undefined") missing.push(hostText.missing.channels)
  if (typeof WebAssembly === "undefined") missing.push(hostText.missing.webAssembly)
  if (typeof indexedDB === "undefined") missing.push(hostText.missing.database)
  if (!CSS.supports("color", "light-dark(red, blue)")) missing.push(hostText.missing.recent)
  return missing
}
