// The cryptography of files without threads: the time of a world goes on while nobody is at work, and would run away from threads.

import { createCipheriv, createDecipheriv, createHash } from "node:crypto"
import type { MediaCrypto } from "@nodoor/media"

const tagBytes = 16

export const immediateMediaCrypto: MediaCrypto = {
  cipher: async (key) => ({
    seal: async (nonce, content) => {
      const cipher = createCipheriv("aes-256-gcm", key, nonce)
      return new Uint8Array(Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]))
    },
    open: async (nonce, sealed) => {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce)
      decipher.setAuthTag(sealed.slice(-tagBytes))
      try {
        return new Uint8Array(Buffer.concat([decipher.update(sealed.slice(0, -tagBytes)), decipher.final()]))
      } catch {
        return undefined
      }
    },
  }),
  sha256: async (data) => new Uint8Array(createHash("sha256").update(data).digest()),
}
