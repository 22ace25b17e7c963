// The cryptography of the format by WebCrypto, which Node and browsers have alike. Chunks are worked on outside the thread that asks.

import type { MediaCrypto } from "./ports.ts"

export const webMediaCrypto: MediaCrypto = {
  cipher: async (key) => {
    const imported = await crypto.subtle.importKey("raw", bufferOf(key), "AES-GCM", false, ["encrypt", "decrypt"])
    return {
      seal: async (nonce, content) =>
        new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: bufferOf(nonce) }, imported, bufferOf(content))),
      open: async (nonce, sealed) => {
        try {
          return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bufferOf(nonce) }, imported, bufferOf(sealed)))
        } catch {
          return undefined
        }
      },
    }
  },
  sha256: async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", bufferOf(data))),
}

/** WebCrypto takes no bytes that threads share, and none here are. */
function bufferOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
