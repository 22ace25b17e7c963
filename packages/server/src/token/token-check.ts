// Whether a token is good (RFC 9578 section 6.3). Anybody can check it with the public key, so the half of the server that redeems tokens
// holds no secret of the half that signs them.

import { type KeyObject, constants, createPublicKey, verify } from "node:crypto"
import { CodecError, equal, toHex } from "@nodoor/bytes"
import { type Token, type TokenKey, type TokenUse, decodeToken, tokenChallenge, tokenInput } from "@nodoor/wire"
import { sha256 } from "../core/crypto.ts"

/** What is kept of a token that was spent. */
export interface CheckedToken {
  /** SHA-256 of the token. */
  readonly hash: Uint8Array
  /** The epoch of its key, after which nobody needs to remember it. */
  readonly keyEpoch: number
}

/** What a token must be: of this server, for this use, and of a key that is in force. */
export interface TokenTerms {
  readonly origin: string
  readonly use: TokenUse
  /** The keys in force now. */
  readonly keys: readonly TokenKey[]
}

/** Bytes of the salt (RFC 9474 section 5, RSABSSA-SHA384-PSS-Deterministic). */
const saltLength = 48

/** Undefined for a token that is forged, cut short, of a key that is over, of another server, or for another use. */
export function checkToken(encoded: Uint8Array, terms: TokenTerms): CheckedToken | undefined {
  const token = parsed(encoded)
  if (token === undefined || !equal(token.challengeDigest, sha256(tokenChallenge(terms.origin, terms.use)))) return undefined
  const key = terms.keys.find((one) => equal(sha256(one.key), token.keyId))
  if (key === undefined) return undefined
  if (!isSigned(token, key.key)) return undefined
  return { hash: sha256(encoded), keyEpoch: key.epoch }
}

/** Whether the token's signature verifies under the key. */
export function isSigned(token: Token, key: Uint8Array): boolean {
  const options = { key: imported(key), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  return verify("sha384", tokenInput(token), options, token.authenticator)
}

function parsed(encoded: Uint8Array): ReturnType<typeof decodeToken> | undefined {
  try {
    return decodeToken(encoded)
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

/** Few keys are in force at a time. */
const importedMax = 8
const importedKeys = new Map<string, KeyObject>()

function imported(key: Uint8Array): KeyObject {
  const name = toHex(key)
  let found = importedKeys.get(name)
  if (found === undefined) {
    found = createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" })
    if (importedKeys.size >= importedMax) importedKeys.clear()
    importedKeys.set(name, found)
  }
  return found
}
