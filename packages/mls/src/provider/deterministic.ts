import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import type { CryptoProvider, Random } from "../provider.ts"
import { nodePrimitives } from "./node.ts"
import { makeProvider } from "./suite.ts"

/**
 * For simulations and tests that must replay byte for byte: node:crypto, except that ML-KEM encapsulation takes its 32 bytes
 * from `random` like everything else (FIPS 203 §6.2 Encaps_internal). Not for use with real peers: ML-KEM-768 encapsulation
 * is JavaScript here.
 */
export function deterministicProvider(random: Random): CryptoProvider {
  const { mlKem768, ...rest } = nodePrimitives
  return makeProvider(
    {
      ...rest,
      mlKem768: {
        importPrivate: mlKem768.importPrivate,
        publicBytes: mlKem768.publicBytes,
        decapsulate: mlKem768.decapsulate,
        importPublic: (key: Uint8Array) => key,
        encapsulate(key: Uint8Array, source: Random) {
          const { sharedSecret, cipherText } = ml_kem768.encapsulate(key, source(32))
          return { sharedSecret, ciphertext: cipherText }
        },
      },
    },
    random,
  )
}
