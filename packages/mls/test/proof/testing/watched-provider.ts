import { toHex, toUtf8 } from "@nodoor/bytes"
import type { CipherSuiteId, CryptoProvider, SuiteCrypto } from "../../../src/provider/provider.ts"

/** What one key derivation took and gave. */
export interface Derivation {
  readonly label: string
  readonly context: Uint8Array
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/** All secrets that passed through a provider since the log was last emptied. */
export interface SecretLog {
  readonly derivations: Derivation[]
  /** Keys of the AEAD that sealed something or opened something. */
  readonly aeadKeys: Uint8Array[]
  /** Key and nonce of each sealing, in hexadecimal. */
  readonly sealings: string[]
  /** Private HPKE keys that were made. */
  readonly privateKeys: Uint8Array[]
}

export function emptyLog(): SecretLog {
  return { derivations: [], aeadKeys: [], sealings: [], privateKeys: [] }
}

/** The same provider, writing down every secret. `log` is asked for at each operation, so that it can be changed for a fresh one. */
export function watched(provider: CryptoProvider, log: () => SecretLog): CryptoProvider {
  const suites = new Map<CipherSuiteId, SuiteCrypto>()
  return {
    ...provider,
    suite(id) {
      const known = suites.get(id)
      if (known !== undefined) return known
      const made = watchedSuite(provider.suite(id), log)
      suites.set(id, made)
      return made
    },
  }
}

const prefix = toUtf8("MLS 1.0 ")

function watchedSuite(suite: SuiteCrypto, log: () => SecretLog): SuiteCrypto {
  return {
    ...suite,
    expand(prk, info, lengthBytes) {
      const to = suite.expand(prk, info, lengthBytes)
      log().derivations.push({ ...parseKdfLabel(info), from: prk.slice(), to: to.slice() })
      return to
    },
    extract(salt, ikm) {
      const to = suite.extract(salt, ikm)
      log().derivations.push({ label: "extract", context: new Uint8Array(0), from: ikm.slice(), to: to.slice() })
      return to
    },
    seal(key, nonce, aad, plaintext) {
      log().aeadKeys.push(key.slice())
      log().sealings.push(`${toHex(key)} ${toHex(nonce)}`)
      return suite.seal(key, nonce, aad, plaintext)
    },
    open(key, nonce, aad, ciphertext) {
      const plaintext = suite.open(key, nonce, aad, ciphertext)
      if (plaintext !== undefined) log().aeadKeys.push(key.slice())
      return plaintext
    },
    deriveKeyPair(ikm) {
      const pair = suite.deriveKeyPair(ikm)
      log().privateKeys.push(pair.privateKey.bytes.slice(), ikm.slice())
      return pair
    },
  }
}

/** KDFLabel, RFC 9420 §8: uint16 length, label<V> with its prefix, context<V>. Labels and contexts here are shorter than 16,384 bytes. */
function parseKdfLabel(info: Uint8Array): { readonly label: string; readonly context: Uint8Array } {
  const [label, rest] = vector(info.subarray(2))
  const [context] = vector(rest)
  return { label: new TextDecoder().decode(label.subarray(prefix.length)), context: context.slice() }
}

function vector(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const first = bytes[0] ?? 0
  const [at, length] = first < 0x40 ? [1, first] : [2, ((first & 0x3f) << 8) | (bytes[1] ?? 0)]
  return [bytes.subarray(at, at + length), bytes.subarray(at + length)]
}
