// Signs tokens blindly: the raw RSA operation of RFC 9474 section 4.3 with one key. What is signed tells nothing of the token that it becomes.

import { type KeyObject, constants, createPrivateKey, createPublicKey, generateKeyPair, privateDecrypt, publicEncrypt } from "node:crypto"
import { promisify } from "node:util"
import { assert, compare, equal } from "@nodoor/bytes"
import { WireError, decodeTokenKey, encodeTokenKey, tokenSignatureBytes } from "@nodoor/wire"

export interface TokenSigner {
  /** The public key as clients and the log know it (RFC 9578 section 6.5). */
  readonly key: Uint8Array
  /** @throws WireError `bad_request` for anything but 256 bytes that are a number below the modulus */
  sign(blinded: Uint8Array): Uint8Array
}

/** A new private key, PKCS #8. */
export async function newTokenKey(): Promise<Uint8Array> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 8 * tokenSignatureBytes, publicExponent: 65_537 })
  return new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" }))
}

/** `privateKey`: PKCS #8. */
export function tokenSigner(privateKey: Uint8Array): TokenSigner {
  const secret = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" })
  const open = createPublicKey(secret)
  const key = publicTokenKey(open)
  const modulus = decodeTokenKey(key)
  return {
    key,
    sign: (blinded) => {
      // RFC 9474 section 4.3: the message representative is below the modulus.
      if (blinded.length !== tokenSignatureBytes || compare(blinded, modulus) >= 0)
        throw new WireError("bad_request", "a blinded message is not below the modulus")
      return blindSign(secret, open, blinded)
    },
  }
}

/** RFC 9474 section 4.3 for a number below the modulus. */
export function blindSign(secret: KeyObject, open: KeyObject, blinded: Uint8Array): Uint8Array {
  const padding = constants.RSA_NO_PADDING
  const signature = privateDecrypt({ key: secret, padding }, blinded)
  // A faulty computation would give the key away ("signing failure").
  assert(equal(publicEncrypt({ key: open, padding }, signature), blinded), "a signature that verifies")
  return new Uint8Array(signature)
}

function publicTokenKey(key: KeyObject): Uint8Array {
  const { n } = key.export({ format: "jwk" })
  return encodeTokenKey(new Uint8Array(Buffer.from(n ?? "", "base64url")))
}
