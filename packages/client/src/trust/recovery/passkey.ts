// A passkey as a further lock on the recovery key. What its PRF (WebAuthn, extension "prf") makes of a salt wraps the 32 bytes. Not every
// authenticator gives the same answer twice, so the lock counts only after it has opened the key once (docs/protocol.md, "Recovery").

import { CodecError, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import { recoverySeedBytes } from "./words.ts"

export interface RecoveryPasskey {
  /** The credential's id, which a browser is asked for. */
  readonly id: Uint8Array
  readonly salt: Uint8Array
  readonly wrapped: Uint8Array
}

/** WebAuthn allows 1,023 bytes. */
const idMax = 1_023
const saltMax = 64
const tagBytes = 16
export const recoveryPasskeyBytes: number = 1 + 2 + idMax + 1 + saltMax + recoverySeedBytes + tagBytes
const version = 1
const secretBytes = 32
const zeroNonce = new Uint8Array(12)

type Crypto = Pick<CryptoProvider, "suite">

/** `secret`: the 32 bytes of the PRF. Used once for each passkey, salt and key, so that the nonce can be zero. @throws RangeError */
export function wrapRecoverySeed(
  crypto: Crypto,
  seed: Uint8Array,
  { id, salt, secret }: { readonly id: Uint8Array; readonly salt: Uint8Array; readonly secret: Uint8Array },
): RecoveryPasskey {
  if (secret.length !== secretBytes || seed.length !== recoverySeedBytes) throw new RangeError("a secret and a key of 32 bytes each")
  if (id.length === 0 || id.length > idMax || salt.length === 0 || salt.length > saltMax)
    throw new RangeError("the id or salt of a passkey")
  return { id, salt, wrapped: crypto.suite(cipher).seal(wrappingKey(crypto, { id, salt, secret }), zeroNonce, new Uint8Array(), seed) }
}

/** Undefined: the passkey gave something else than when the key was wrapped. */
export function unwrapRecoverySeed(crypto: Crypto, { id, salt, wrapped }: RecoveryPasskey, secret: Uint8Array): Uint8Array | undefined {
  if (secret.length !== secretBytes) return undefined
  return crypto.suite(cipher).open(wrappingKey(crypto, { id, salt, secret }), zeroNonce, new Uint8Array(), wrapped)
}

/** ChaCha20-Poly1305 with 256-bit keys, and HKDF with SHA-256. */
const cipher = 0x0003

function wrappingKey(crypto: Crypto, { id, salt, secret }: Omit<RecoveryPasskey, "wrapped"> & { readonly secret: Uint8Array }): Uint8Array {
  const suite = crypto.suite(cipher)
  const info = encodeTls((w) => w.raw(toUtf8("nodoor/recovery/passkey/v1\0")).prefixed(2, id))
  return suite.expand(suite.extract(salt, secret), info, 32)
}

export function encodeRecoveryPasskey({ id, salt, wrapped }: RecoveryPasskey): Uint8Array {
  return encodeTls((w) => w.u8(version).prefixed(2, id).prefixed(1, salt).raw(wrapped))
}

/** Undefined for bytes of another form: a later version's, or anything else. */
export function decodeRecoveryPasskey(encoded: Uint8Array): RecoveryPasskey | undefined {
  try {
    return decodeTls(encoded, (r) => {
      if (r.u8() !== version) throw new CodecError("invalid_value", "version of a passkey")
      const passkey = {
        id: r.prefixed(2, idMax).slice(),
        salt: r.prefixed(1, saltMax).slice(),
        wrapped: r.raw(recoverySeedBytes + tagBytes).slice(),
      }
      if (passkey.id.length === 0 || passkey.salt.length === 0) throw new CodecError("invalid_value", "passkey")
      return passkey
    })
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
