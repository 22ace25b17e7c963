// Tokens that buy a pass: RFC 9578 type 2. Only public keys are needed, and nothing that the other half of the server keeps secret.

import { type KeyObject, constants, createPublicKey, verify } from "node:crypto"
import { CodecError, equal } from "@nodoor/bytes"
import { type TokenKey, type TokenUse, decodeToken, tokenChallenge, tokenInput, tokenKeyEpoch } from "@nodoor/wire"
import { sha256 } from "../../core/crypto.ts"

/** The public keys of the present and the previous key epoch, as they are now. */
export type TokenKeys = () => Promise<readonly TokenKey[]> | readonly TokenKey[]

/** A token whose signature is in order; whether it was spent before is another question. */
export interface ValidToken {
  /** SHA-256 of what the signature covers: there is one signature for each, whoever asks. */
  readonly hash: Uint8Array
  readonly keyEpoch: number
}

interface ImportedKey {
  readonly epoch: number
  readonly key: KeyObject
}

/** How often keys are asked for at most when a token names one that is not known. */
const askEveryMs = 1_000

export class TokenCheck {
  readonly #keys: TokenKeys
  readonly #challengeDigest: Uint8Array
  readonly #imported = new Map<string, ImportedKey>()
  #askedAtMs = -Infinity
  #asking: Promise<void> | undefined

  constructor(keys: TokenKeys, origin: string, use: TokenUse) {
    this.#keys = keys
    this.#challengeDigest = sha256(tokenChallenge(origin, use))
  }

  /** Undefined for a token that is forged, for another use or server, or of a key that is not valid now. */
  async check(bytes: Uint8Array, nowMs: number): Promise<ValidToken | undefined> {
    const token = parsed(bytes)
    if (token === undefined || !equal(token.challengeDigest, this.#challengeDigest)) return undefined
    const key = await this.#find(token.keyId, nowMs)
    const epoch = tokenKeyEpoch(nowMs)
    if (key === undefined || (key.epoch !== epoch && key.epoch !== epoch - 1)) return undefined
    const message = tokenInput(token)
    // RFC 9474 section 4.4: RSASSA-PSS with SHA-384, MGF1 with SHA-384 and 48 bytes of salt.
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
    if (!verify("sha384", message, { key: key.key, ...padding }, token.authenticator)) return undefined
    return { hash: sha256(message), keyEpoch: key.epoch }
  }

  async #find(keyId: Uint8Array, nowMs: number): Promise<ImportedKey | undefined> {
    const name = Buffer.from(keyId).toString("latin1")
    const known = this.#imported.get(name)
    if (known !== undefined) return known
    if (Math.abs(nowMs - this.#askedAtMs) >= askEveryMs) {
      this.#askedAtMs = nowMs
      this.#asking = this.#import().finally(() => (this.#asking = undefined))
    }
    await this.#asking
    return this.#imported.get(name)
  }

  async #import(): Promise<void> {
    const keys = await this.#keys()
    this.#imported.clear()
    for (const { epoch, key } of keys) {
      const imported = createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" })
      this.#imported.set(Buffer.from(sha256(key)).toString("latin1"), { epoch, key: imported })
    }
  }
}

function parsed(bytes: Uint8Array): ReturnType<typeof decodeToken> | undefined {
  try {
    return decodeToken(bytes)
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
